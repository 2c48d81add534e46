"""Detectors of objects in frames: the eyes of tools, one protocol for truth and networks.

`perception` is the protocol of tabletops and `rooms_perception` that of apartments; the learned
eyes that come with handeye and models of an open vocabulary fit them.
"""

__all__ = [
    "eyes_perception",
    "learned_rooms_perception",
    "open_vocabulary",
    "perception",
    "rooms_perception",
    "rooms_words",
]
