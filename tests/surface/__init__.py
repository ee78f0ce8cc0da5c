"""What the API's own description promises, and what holds it to that."""
