"""Rules of points: pure, without I/O."""
