"""What every session shares."""
