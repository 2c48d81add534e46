"""A table, a Panda that works on it, and tasks from a single skill to a long instruction.

`world` holds scenes, physics and pictures, `tasks` the single skills, `long` the long instructions;
`env` joins them into the environment, and `oracle` is its scripted policy.
"""

__all__ = ["env", "episode", "long", "oracle", "registry", "state_wrapper", "tasks", "world"]
