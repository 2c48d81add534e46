"""Budgets: many tokens to few, or many pixels to few frames, with their places kept.

`merging` averages tokens that are alike, `dropping` keeps those that the words ask for, `tiling`
cuts a high-resolution frame into frames, `proposals` pools the regions that look like objects.
"""

__all__ = ["dropping", "merging", "proposals", "tiling"]
