"""Mapping: from depth and odometry to maps, and from maps to rooms, doorways and places.

`ego_camera` and `camera_geometry` turn pixels into points, `floor_map` gathers them
(`map_kernels` are its compiled loops), `plan_from_map` estimates walls and doorways, `known_rooms`
and `room_labels` say which room a place is in, `things_on_map` and `thing_front` where objects
stand and where to stand before them; `room_segmenter` is the network that names what is seen.
"""

__all__ = [
    "camera_geometry",
    "ego_camera",
    "floor_map",
    "known_rooms",
    "plan_from_map",
    "room_labels",
    "room_segmenter",
    "thing_front",
    "things_on_map",
]
