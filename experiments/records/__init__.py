"""What runs keep: their folders, settings, checkpoints, records of episodes, and statistics.

The lowest wing of the hall; what is light to import stays so, since the commands' flags use it.
"""

__all__ = [
    "agent",
    "checkpoints",
    "default_folder",
    "episode",
    "progress",
    "provenance",
    "run_folder",
    "schemas",
    "settings",
    "statistics",
]
