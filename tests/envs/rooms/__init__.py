"""Rooms: what this wing holds."""
