"""The door's settings as policy, its lock's safe state, and PINs where they are keyed."""
