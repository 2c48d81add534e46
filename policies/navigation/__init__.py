"""Navigation: computed, not learned.

`grid_planner` finds shortest ways on a grid (`grid_kernels` are its compiled loops), `explorer`
drives to frontiers and places, `ego_motion` relates remembered poses, `ego_processor` is the part
that the processors of navigation policies share.
"""

__all__ = ["ego_motion", "ego_processor", "explorer", "grid_planner"]
