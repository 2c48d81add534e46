"""Tasks: what this wing holds."""
