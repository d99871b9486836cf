"""Carries leaves from the journal to the broker and commands back."""
