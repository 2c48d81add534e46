"""Encoders: frames and words to tokens that know where they look."""
