"""The domain of the new employment group; pure: no I/O, no framework."""
