"""Encoders: frames and words to tokens that know where they look.

`image` and `text` are the encoders, `near_words` reads words that training never says, `attention`
is the transformer block of both, `cross_attention` its like that looks at other tokens, `grounding`
the heads and losses that tie words to places in a frame.
"""

__all__ = ["attention", "cross_attention", "grounding", "image", "near_words", "text"]
