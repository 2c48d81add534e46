"""Actions <-> tokens: one terminate token and 256 uniform bins for each of seven values (RT-2).

The shared vocabulary is laid out as

    id 0            begin
    id 1, 2         continue, terminate                       slot 0
    id 3 ..         256 bins of the first value               slot 1
    id 259 ..       256 bins of the second value              slot 2
    ...

so a slot's ids are one contiguous range, and a sequence that stays inside its ranges is an action.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

BEGIN_ID, CONTINUE_ID, TERMINATE_ID = range(3)
SLOT_NAMES = ("terminate", "x", "y", "z", "roll", "pitch", "yaw", "gripper")


class ActionBounds(NamedTuple):
    """Smallest and largest value of each of an action mode's numbers."""

    low: tuple[float, ...]
    high: tuple[float, ...]


# The bounds of the environments' action spaces (`envs.tabletop.world.arm` and
# `envs.rooms.scene.mobile_base`); `tests/test_twins.py` compares them.
ACTION_BOUNDS: dict[str, ActionBounds] = {
    # dx dy dz (x 0.05 m), droll dpitch dyaw (x 0.25 rad), gripper (+1 open)
    "ee_delta": ActionBounds((-1.0,) * 7, (1.0,) * 7),
    # x y z (m, world), roll pitch yaw (rad, 0 = gripper straight down), gripper (+1 open)
    "ee_pose": ActionBounds(
        (0.25, -0.40, 0.0, -0.5, -0.5, -1.6, -1.0), (0.75, 0.40, 0.50, 0.5, 0.5, 1.6, 1.0)
    ),
    # speed ahead, turn to the left, as shares of the base's greatest
    "base_velocity": ActionBounds((-1.0, -1.0), (1.0, 1.0)),
}

DISCRETE_MODE, DISCRETE_ACTIONS = "base_discrete", 4  # stop, forward, turn left, turn right


@dataclass(frozen=True)
class ActionTokenizer:
    """Uniform bins between `low` and `high` (7,), `bins` per value."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    bins: int = 256

    @classmethod
    def for_mode(cls, action_mode: str, bins: int = 256) -> "ActionTokenizer":
        """The tokenizer of a declared action mode; ValueError names the known modes."""
        if action_mode not in ACTION_BOUNDS:
            raise ValueError(
                f"unknown action mode {action_mode!r}; known: {', '.join(ACTION_BOUNDS)}"
            )
        return cls(*ACTION_BOUNDS[action_mode], bins)

    @property
    def slots(self) -> int:
        """Tokens per action: terminate and one per value."""
        return 1 + len(self.low)

    @property
    def vocabulary(self) -> int:
        """Number of ids of the shared vocabulary."""
        return TERMINATE_ID + 1 + len(self.low) * self.bins

    def slot_range(self, slot: int) -> range:
        """The ids allowed at `slot`."""
        if slot == 0:
            return range(CONTINUE_ID, TERMINATE_ID + 1)
        first = TERMINATE_ID + 1 + (slot - 1) * self.bins
        return range(first, first + self.bins)

    def bin_positions(self, values: ArrayLike) -> NDArray[np.float64]:
        """Continuous bin coordinate of values (..., 7): 0 at the first bin's centre.

        Values outside the bounds go to the outermost bins; a non-finite one is a ValueError.
        """
        actions = np.asarray(values, dtype=np.float64)
        if actions.shape[-1:] != (len(self.low),) or not np.isfinite(actions).all():
            raise ValueError(f"an action is {len(self.low)} finite numbers, got {actions!r}")
        low, high = np.array(self.low), np.array(self.high)
        position = (actions - low) / (high - low) * self.bins - 0.5
        return np.clip(position, 0.0, self.bins - 1.0)

    def encode(self, values: ArrayLike, terminate: ArrayLike) -> NDArray[np.int64]:
        """Values (..., 7) and terminate flags (...) -> token ids (..., 8)."""
        bins = np.rint(self.bin_positions(values)).astype(np.int64)
        firsts = np.array([self.slot_range(slot)[0] for slot in range(1, self.slots)])
        ends = np.where(np.asarray(terminate, dtype=bool), TERMINATE_ID, CONTINUE_ID)
        return np.concatenate([ends[..., None], bins + firsts], axis=-1)

    def decode(self, tokens: Sequence[int] | NDArray[np.int64]) -> tuple[NDArray[np.float32], bool]:
        """Eight token ids -> (values (7,) at bin centres, terminate).

        A sequence that is not an action is a ValueError, never a zero action.
        """
        ids = [int(token) for token in tokens]
        if len(ids) != self.slots:
            raise ValueError(f"an action has {self.slots} tokens, got {len(ids)}")
        for slot, token in enumerate(ids):
            allowed = self.slot_range(slot)
            if token not in allowed:
                raise ValueError(
                    f"token {token} cannot stand at slot {slot} ({SLOT_NAMES[slot]}), which takes "
                    f"{allowed[0]}..{allowed[-1]}; decode with the action grammar"
                )
        bins = np.array([token - self.slot_range(slot)[0] for slot, token in enumerate(ids)][1:])
        low, high = np.array(self.low), np.array(self.high)
        values = low + (bins + 0.5) * (high - low) / self.bins
        return values.astype(np.float32), ids[0] == TERMINATE_ID
