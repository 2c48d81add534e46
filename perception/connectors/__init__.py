"""Connectors: the tokens of a frame to the tokens that a language model or a trunk reads.

A connector is made of four numbers, `Name(in_width, width, in_tokens, tokens)`, and takes
(B, in_tokens, in_width) to (B, tokens, width). `registry` names them all: `linear` and `mlp` keep
the grid of tokens or average it, `pixel_shuffle` folds neighbours into one token's width,
`token_learner` pools by learned maps, `resampler` and `q_former` ask by learned queries. `grid`
cuts a square of tokens into windows.
"""

__all__ = [
    "grid",
    "linear",
    "mlp",
    "pixel_shuffle",
    "q_former",
    "q_former_layer",
    "q_former_masks",
    "registry",
    "resampler",
    "token_learner",
]
