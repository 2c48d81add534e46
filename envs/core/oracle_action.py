"""What a scripted expert says: an action of the environment's mode, or that it is done."""

from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

Claim = Literal["success", "failure", "cannot"]


class OracleAction(NamedTuple):
    """One decision of a scripted expert.

    Attributes:
        values: an action of the mode: (7,) float32 of the arm's, () int64 of `base_discrete`, (2,)
            float32 of `base_velocity`.
        done: the goal is reached; the action means nothing.
        subgoal: what it is after, in short.
        answer: what there is to say when it is done.
        claim: what it believes when it is done: "success" or "cannot".
    """

    values: NDArray[Any]
    done: bool
    subgoal: str
    answer: str = ""
    claim: Claim = "success"
