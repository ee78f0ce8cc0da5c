"""What Muniment knows about contracts: pure, without I/O, clock, randomness or logging."""
