"""Oracles: what this wing holds."""
