"""Encoders: what this wing holds."""
