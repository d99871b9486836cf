"""Hardware in and out: one driver, one file, behind the Protocols of `ports`."""
