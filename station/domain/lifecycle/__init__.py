"""A station's own life: started, stopped, its clock, its storage, its devices, its keys, what it lets go."""
