"""Language models: what this wing holds."""
