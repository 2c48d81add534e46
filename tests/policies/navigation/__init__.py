"""Navigation: what this wing holds."""
