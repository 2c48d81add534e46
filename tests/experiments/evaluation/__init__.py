"""Evaluation: what this wing holds."""
