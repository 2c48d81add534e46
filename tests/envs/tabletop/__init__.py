"""Tabletop: what this wing holds."""
