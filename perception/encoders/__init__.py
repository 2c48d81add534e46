"""Encoders: frames and words to tokens that know where they look.

`image` and `text` are the encoders, `attention` the transformer block of both, `grounding` the
heads and losses that tie words to places in a frame.
"""

__all__ = ["attention", "grounding", "image", "text"]
