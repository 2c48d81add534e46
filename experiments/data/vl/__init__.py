"""Vision-language examples about tables and apartments: words, boxes and truth, frames on demand.

`kinds` lists what is said about a frame and by which module, `table_views` and `home_views` tell
what a frame shows, `record` turns an episode into examples, `vl_dataset` reads them, and `drawing`
draws.
"""

__all__ = [
    "drawing",
    "examples",
    "home_views",
    "kinds",
    "record",
    "speech",
    "table_views",
    "views",
    "vl_card",
    "vl_dataset",
]
