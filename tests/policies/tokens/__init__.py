"""Tokens: what this wing holds."""
