"""Pictures: films, frames with marks, and maps of episodes; they read records and states."""

__all__ = ["film", "filmed_env", "floor_map_picture", "navigation_film", "video"]
