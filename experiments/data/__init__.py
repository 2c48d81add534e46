"""Recorded episodes: recording and replaying them, and turning them into training batches.

Episodes hold states; the data sets draw frames from them with fresh light, textures, colours and
words.
"""

__all__ = [
    "augmentation",
    "collect",
    "config",
    "eyes_dataset",
    "history_dataset",
    "recorder",
    "replay",
    "rooms_dataset",
    "tabletop_dataset",
]
