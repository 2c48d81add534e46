"""Reinforcement learning with stable-baselines3: `train_rl` is the command, `rl_tasks` what is
learned, `point_goal_env` and `supervised_vec_env` the environments it is learned in.
"""

__all__ = ["point_goal_env", "rl_tasks", "supervised_vec_env", "train_rl"]
