"""Actors: what this wing holds."""
