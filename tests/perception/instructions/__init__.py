"""Instructions: what this wing holds."""
