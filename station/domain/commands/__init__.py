"""What the back office may ask for by a signed command: which are carried out, and which are refused and why."""
