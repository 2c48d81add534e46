"""Embedded: what this wing holds."""
