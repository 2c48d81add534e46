"""Robots: what this wing holds."""
