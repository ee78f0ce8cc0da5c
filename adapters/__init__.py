"""The outside: everything that touches a file, a socket, a clock or a foreign format."""
