"""From a file to a signed command at a station, and its answer."""
