"""World: what this wing holds."""
