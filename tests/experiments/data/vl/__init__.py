"""Vision-language examples: what this wing holds."""
