"""Policies trained by reinforcement with stable-baselines3.

`policy` reads the state of one tabletop task, `point_goal_policy` drives to a named point by what
`point_goal_observer` makes of frames and odometry.
"""

__all__ = ["point_goal_observer", "point_goal_policy", "policy"]
