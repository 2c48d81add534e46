"""`TokenPolicy`: one instruction, two frames and the arm's joints -> one action of eight tokens.

`config` holds the sizes and presets, `model` the network (`pointing` and `relative_places` are
heads of it), `processor` the transform of observations, `loss` the training terms, `runner` the
policy that acts.
"""

__all__ = ["config", "loss", "model", "processor", "runner"]
