"""The station as a whole: the table of duties, and what is composed from it."""
