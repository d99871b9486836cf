"""Documents brought by hand: to a running station, or under the lock of a stopped one."""
