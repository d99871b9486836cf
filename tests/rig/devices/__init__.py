"""The hardware of a station, each piece as a small class that a test handles as hands would."""
