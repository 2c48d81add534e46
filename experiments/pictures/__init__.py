"""Pictures: what this wing holds."""
