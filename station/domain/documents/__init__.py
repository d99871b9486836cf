"""What people write, read in one way: fields, faults, and the kinds of documents."""
