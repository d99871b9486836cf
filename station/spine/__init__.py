"""The life of the program: the only decider, its inbox and outputs, its threads, clock, keys and storage."""
