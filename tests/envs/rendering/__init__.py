"""Rendering: what this wing holds."""
