"""Tools: what this wing holds."""
