"""From triangles to pictures: cameras, the rasterizer, light, patterns on surfaces, lettering.

Geometry goes in and frames come out; nothing here knows a table, an apartment or a physics engine.
"""

__all__ = ["camera", "colour_jitter", "lettering", "patterns", "rasterizer", "shading", "surfaces"]
