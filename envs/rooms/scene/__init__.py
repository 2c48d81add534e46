"""One apartment with a robot in it: free space, shortest paths, the base, sight and words."""

__all__ = ["ego_camera", "geodesic", "language", "mobile_base", "relations", "scene", "viewpoints"]
