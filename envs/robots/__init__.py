"""What is known of robots alone: the Panda's chain of links, its limits, and inverse kinematics."""

__all__ = ["inverse_kinematics", "kinematics"]
