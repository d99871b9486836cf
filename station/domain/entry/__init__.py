"""The vault's entry: badges, the door, who is inside."""
