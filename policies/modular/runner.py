"""A trained `RoomPolicy` as a `Policy`: read the instruction, map what is seen, carry it out."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from handeye.perception.encoders.text import UNKNOWN
from handeye.perception.instructions.navigation_program import NavigationProgram, ProgramVocabulary
from handeye.perception.instructions.program_reader import read_program
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.room_segmenter import CellLogits
from handeye.perception.signs.view import SignPlace, sign_patch
from handeye.policies.modular.model import RoomPolicy
from handeye.policies.modular.processor import RoomPolicyProcessor
from handeye.policies.modular.program_executor import ProgramExecutor, Want, wants_of
from handeye.policies.modular.sign_search import SignSearch
from handeye.policies.navigation.explorer import Explorer
from handeye.policies.navigation.grid_planner import STOP, GridPlanner
from handeye.policies.policy import Action


class RoomPolicyRunner:
    """Policy protocol around a model and its processor.

    `act` returns as trace: `program`, the steps that were read, and `attention` (rows, columns),
    how much each spot of the frame looks like what the program names, summing to 1.
    """

    model_class: ClassVar[Any] = RoomPolicy
    processor_class: ClassVar[Any] = RoomPolicyProcessor
    can_terminate = True

    def __init__(
        self, model: RoomPolicy, processor: RoomPolicyProcessor, policy_id: str = "handeye-rooms"
    ) -> None:
        self.model: RoomPolicy = model.eval()
        self.processor = processor
        self.policy_id = policy_id
        self.action_mode: str | None = model.config.action_mode
        self._lists: ProgramVocabulary = model.config.lists
        self._pursuit: ProgramExecutor | None = None

    def reset(self, instruction: str, seed: int) -> None:
        """Read the instruction; a blank one asks for nothing. Nothing is random here."""
        program = NavigationProgram(())
        if self.processor.instructions.blind:
            instruction = UNKNOWN  # Numbers are read off the text itself.
        if self.processor.instructions.split(instruction):
            program = read_program(
                self.model.reader, self.processor.instructions, self._lists, instruction
            )
        self.program = program
        self._wants = wants_of(program.steps)
        floor = FloorMap(channels=len(self._wants))
        self._explorer = Explorer(GridPlanner(), floor)
        self._signs = SignSearch(program.sign, self._explorer, self.read) if program.sign else None
        self._pursuit = ProgramExecutor(
            program.steps, program.point_m, self._explorer, self._wants, self._signs
        )

    def act(self, observation: Mapping[str, Any]) -> Action:
        """The next discrete action."""
        if self._pursuit is None:
            raise RuntimeError("call reset(instruction, seed) before act()")
        with torch.inference_mode():
            spots = self.model.eyes(self.processor.observe(observation))
        scores = spot_scores(spots, self._wants, self._lists)
        self._explorer.see(observation, scores)
        if self._signs is not None:
            odds = spots.kinds[0].softmax(0)[self._lists.kinds.index("sign")].numpy()
            self._signs.see(observation, odds)
        action = self._explorer.doing(self._pursuit.next_action())
        trace = {"program": self.program.steps, "attention": _share(scores)}
        return Action(np.asarray(action), action == STOP, trace, self._pursuit.answer)

    def read(self, rgb: NDArray[np.uint8], place: SignPlace, pose: EgoPose) -> torch.Tensor | None:
        """Letters' log-odds (T, classes) of a sign in a frame; None where it cannot be read."""
        patch = sign_patch(rgb, place, pose)
        if patch is None:
            return None
        with torch.inference_mode():
            log_odds: torch.Tensor = self.model.letters(torch.from_numpy(patch)[None])[0]
        return log_odds


def spot_scores(
    spots: CellLogits, wants: list[Want], lists: ProgramVocabulary
) -> NDArray[np.float32]:
    """Score how much each spot of a frame looks like each want: (rows, columns, K) in [0, 1].

    The geometric mean of the odds of all that is said: who names more is not seen less.
    """
    kinds, colours, rooms = (logits[0].softmax(0).numpy() for logits in spots)
    scores = np.ones((*kinds.shape[1:], len(wants)), np.float32)
    for channel, want in enumerate(wants):
        parts = (
            (want.kind, lists.kinds, kinds),
            (want.colour, lists.colours, colours),
            (want.room, lists.rooms, rooms),
        )
        said = [odds[listed.index(name)] for name, listed, odds in parts if name]
        scores[..., channel] = np.prod(said, axis=0) ** (1 / len(said))
    return scores


def _share(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    best = scores.max(axis=2) if scores.shape[2] else np.zeros(scores.shape[:2], np.float32)
    return np.asarray(best / max(float(best.sum()), 1e-6))
