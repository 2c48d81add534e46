"""Showcase: what this wing holds."""
