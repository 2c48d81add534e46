"""Apartments, a wheeled robot in them, and tasks from a single goal to a long instruction.

`apartments` samples homes, `scene` is where the robot drives, `routes` tells ways in words,
`pictures` draws, `tasks` and `long` say what is asked; `env` joins them into the environment.
"""

__all__ = [
    "apartments",
    "env",
    "episode",
    "long",
    "oracle",
    "pictures",
    "registry",
    "scene",
    "tasks",
]
