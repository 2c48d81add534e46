"""Modular navigation: read a program, map what is seen, carry the program out on the map.

`model` holds the networks, `processor` the transform of observations and `runner` the policy that
acts. `program_executor` carries programs out; it hands routes to `route_follower` (which weighs
doors by `door_belief`) and signs to `sign_search`. `frontier_policy` explores without any network.
"""

__all__ = [
    "frontier_policy",
    "model",
    "processor",
    "program_executor",
    "route_follower",
    "runner",
    "sign_search",
]
