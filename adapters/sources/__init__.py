"""Readers of foreign documents: each turns bytes into asset specs, without I/O."""
