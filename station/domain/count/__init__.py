"""The count: packages and their units, seen at a location, with or without a plan."""
