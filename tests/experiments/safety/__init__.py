"""Safety: what this wing holds."""
