"""What the suites share: the environment's contract, physics, recorded episodes, oracle actions."""

__all__ = ["base_env", "bodies", "episode_file", "instruction_wrapper", "oracle_action", "physics"]
