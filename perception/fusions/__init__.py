"""Fusions: how the tokens of two senses come to know one another.

`masks` say who may look at whom in one sequence, `single_stream` puts both senses into it,
`co_attention` lets two streams exchange keys and values, `gated_cross_attention` lets a language
model look aside, `latents` reads any tokens into a few and out again.
"""

__all__ = ["co_attention", "gated_cross_attention", "latents", "masks", "single_stream"]
