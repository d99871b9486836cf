"""The access log: who was in, with whom, how long, and what the record does not know. Made from events alone."""
