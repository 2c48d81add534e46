"""`HistoryPolicy`: remembered frames, odometry and an instruction -> action tokens; keeps no map.

`config` holds the sizes and presets, `model` the network, `processor` the transform of
observations, `loss` the training terms, `runner` the policy that acts.
"""

__all__ = ["config", "loss", "model", "processor", "runner"]
