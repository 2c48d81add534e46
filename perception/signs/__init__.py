"""Signs: `view` finds and rectifies them in frames, `reader` reads their letters."""

__all__ = ["reader", "view"]
