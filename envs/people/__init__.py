"""What people say to the robot, written by hand: sentences with the scene that each is about.

No template made any of them, no training reads them, and the test half is never chosen on.
"""

__all__ = ["home", "table", "utterances"]
