"""The table itself: scenes, states, physics, predicates, pictures, and names for its objects."""

__all__ = ["appearance", "arm", "predicates", "scene", "shapes", "simulator", "state"]
