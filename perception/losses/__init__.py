"""Losses, each a sum and a count, so that their means are the same however an update is split.

`total` has the pair and how an update is normalised. Of whole pictures and texts: `pairs` compares
them across processes, `info_nce` and `sigmoid` contrast them, `matching` draws hard negatives. Of
tokens: `next_token`, `masked` and `ctc`. `locations` writes boxes as words.
"""

__all__ = [
    "ctc",
    "info_nce",
    "locations",
    "masked",
    "matching",
    "next_token",
    "pairs",
    "sigmoid",
    "total",
]
