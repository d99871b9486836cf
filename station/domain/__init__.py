"""Pure deciders and their words: no I/O, no clock, no thread."""
