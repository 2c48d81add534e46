"""The environment that all suites share: one instruction, one episode at a time.

An episode is a pure function of its seed, its options and the actions: every random choice comes
from generators seeded with (seed, purpose), and time is counted in physics ticks.
"""

import copy
import hashlib
import operator
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Self, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.base.phrases import check_instruction
from handeye.envs.core.action_values import split_terminate
from handeye.envs.core.chance import episode_rng
from handeye.envs.core.episode import RecordedEpisode, Run
from handeye.envs.core.episode_info import info_of
from handeye.envs.core.observation_space import observation_space, shown_frames, with_noise
from handeye.envs.core.oracle_action import Claim, OracleAction
from handeye.envs.core.replaying import Finish, Question, done_again, with_budget
from handeye.envs.core.settings import EnvSettings
from handeye.envs.core.simulated_user import reply
from handeye.envs.core.task import InstructedTask
from handeye.envs.core.verdict import EndedBy, Record, SideEffect, Stillness
from handeye.envs.rendering.rasterizer import Frames

SCENE, GOAL, WORDS, LOOKS, START, SENSORS, SHIFT = range(7)  # purposes of an episode's generators
UNSEEDED = 900_000  # an unseeded reset samples below it; 1,000,000 and on are for evaluation
PARAPHRASES = 8  # of an instruction that its user still takes for the episode's own
Observation = dict[str, Any]
Expert = Callable[[], OracleAction]  # what a scripted expert would do in the env's state now


class InstructedEnv(gymnasium.Env[Observation, Any]):
    """One instruction, one episode at a time; the suites' environments fill in the world.

    Reward is 1.0 on the step that ends the episode in success, else 0.0.

    Attributes:
        task_names: what a reset can draw from.
        action_mode: how actions are meant.
        split: which distribution scenes and words come from.
        settings: what the environment was made with.
        max_steps: env steps that the episode may take.
        can_terminate: whoever acts ends the episode itself.
        questions: how often the user was asked in this episode.
        cameras: whose frames an observation has.
        image_size_px: height and width of the frames.
        renderer_fingerprint: changes when the same state begins to give another picture.
        reset_options: what `reset` knows.
    """

    renderer_fingerprint: ClassVar[str]
    reset_options: ClassVar[tuple[str, ...]] = (
        *("task", "goal", "instruction", "can_terminate", "shift_m"),
    )

    task_names: tuple[str, ...]
    action_mode: str
    split: str
    settings: EnvSettings
    max_steps: int
    can_terminate: bool
    questions: int
    cameras: tuple[str, ...]
    image_size_px: int
    state: Any
    task: InstructedTask
    scene: Any
    goals: list[Any]
    goal: Any
    _conditions: dict[str, bool]  # Of the goal, in the state now.
    _can_stop: bool  # Whether an action can end the episode.
    _stillness: Stillness  # Of what is driven, in this episode.
    _spec: EnvSpec | None = None
    _hash: Any = None  # Over all states since the last reset.
    _open = False

    def _configure(self, settings: EnvSettings, proprio: spaces.Box) -> None:
        """Take over the constructor's settings.

        Args:
            settings: of this environment.
            proprio: space of what is felt.
        """
        self.settings, self._can_stop = settings, settings.terminate
        self.action_mode, self.split = settings.action_mode, settings.split
        self.render_mode = settings.render_mode
        self.cameras, self.image_size_px = settings.cameras, settings.image_size_px
        budget = self._make_task(self.task_names[0]).step_budget
        self.max_steps = settings.max_steps or budget[self.action_mode]
        self.observation_space = observation_space(settings, proprio)

    @property
    def spec(self) -> EnvSpec | None:
        """Return what Gymnasium registered, with the step budget if all episodes have the same."""
        tasks = [self._make_task(name) for name in self.task_names]
        return with_budget(self._spec, self.settings.max_steps, tasks, self.action_mode)

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = spec

    # ------------------------------------------------------------- of the world

    def _make_task(self, name: str) -> InstructedTask:
        raise NotImplementedError

    def _allowed_goals(self) -> list[int]:
        """Return the indices of the goals that episodes of this split may pursue."""
        return list(range(len(self.goals)))

    def _start(self) -> None:
        """Build the world of `self.scene` and look at it."""
        raise NotImplementedError

    def _carry_out(self, action: Any) -> None:
        """One action in the world; `state`, `_conditions` and the hash follow."""
        raise NotImplementedError

    def _hold(self) -> None:
        """Let half a simulated second pass in which nothing is driven."""

    def _side_effects(self) -> list[SideEffect]:
        """Return what has been changed at the end though the goal does not ask for it."""
        return []

    def _world_info(self) -> dict[str, Any]:
        """Return further entries of `info`: events, sim_s and what the world has to tell."""
        raise NotImplementedError

    def _frames(self) -> Mapping[str, Frames]:
        """Return by camera what is seen now, each a batch of one frame."""
        raise NotImplementedError

    def proprio(self) -> NDArray[np.float32]:
        """Return what the robot feels of itself now (P,), within the bounds of its space."""
        raise NotImplementedError

    def note(self, event: str) -> None:
        """Remember an event for the attribution of failures."""
        raise NotImplementedError

    def observe(self, *, render: bool = True) -> Observation:
        """Return the observation now; without frames if `render` is false."""
        frames = self._frames() if render and self.cameras else {}
        shown = shown_frames(self.settings, frames, self.sensed_depth)
        return {**shown, "proprio": self.proprio(), "instruction": self.instruction}

    def sensed_depth(self, camera: str, depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a camera's depth (H, W) as its sensor measures it now, the same if asked again."""
        noise_m = self.settings.depth_noise_m
        rng = self._rng(SENSORS, 1 + self.cameras.index(camera), self.record.steps)
        return with_noise(depth_m, noise_m, rng) if noise_m else depth_m

    def ask(self, question: str) -> str:
        """Ask the user what is meant; of use where the words fit several objects.

        A question takes a step, and may be the last one. It is answered, see `simulated_user`,
        as far as the instruction is the episode's own: what others put in its place, the user of
        the episode has not said. An empty one is answered by a question and takes nothing.
        """
        self._require_open()
        if question.strip():
            self.questions += 1
            self._actions.append(Question(question))
            self.record.steps += 1
            self._end_at_limit()
        own = self.instruction in {self.words_for(self.goal_index, v) for v in range(PARAPHRASES)}
        return reply(question, self.task.unclear(self.goal), knows=own)

    # ------------------------------------------------------- privileged helpers

    def oracle_action(self) -> OracleAction:
        """What the scripted expert would do now, in this env's action mode."""
        raise NotImplementedError

    def expert(self, goal: int) -> Expert:
        """The scripted expert for one of the scene's goals."""
        raise NotImplementedError

    def episode_of(self, run: Run) -> RecordedEpisode[Any, Any]:
        """A recorded run of this episode, as a file's contents."""
        raise NotImplementedError

    # ---------------------------------------------------------------- episode

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: fixes the whole episode; None samples one below `UNSEEDED`.
            options: "task": one of the suite's; "goal": index of one of the scene's goals;
                "instruction": words that replace the grammar's, the goal stays; "can_terminate":
                whether whoever acts ends the episode itself, by `finish` or an action. Who cannot
                is judged after a second of stillness; who can has no success by the limit;
                "shift_m": all that is loose starts up to so much elsewhere along x and y.

        Raises:
            ValueError: an unknown option, task or goal, or an instruction that is no short text.
        """
        self.sample_episode(seed=seed, options=options)
        self.close()
        if self.settings.max_steps is None:
            self.max_steps = self.task.max_steps(self.goal, self.action_mode)
        self.questions = 0
        self._hash = hashlib.blake2b(digest_size=16)
        self._start()
        self._open = True
        return self.observe(), self._info()

    def sample_episode(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> None:
        """Sample task, scene, goals and words as `reset` does, and build no world.

        `task`, `scene`, `goals`, `goal` and `instruction` are then those that `reset` would give,
        whose arguments and errors these are.
        """
        seed = None if seed is None else operator.index(seed)
        super().reset(seed=seed)
        self._open = False  # A reset that is refused leaves no episode to go on with.
        options = dict(options or {})
        self._options = dict(options)
        self._actions: list[Any] = []
        self.episode_seed = int(self.np_random.integers(UNSEEDED)) if seed is None else seed
        task = options.pop("task", None)
        if task is None:
            task = self.task_names[self.episode_seed % len(self.task_names)]
        look_up("task", task, dict.fromkeys(self.task_names))
        self.task = self._make_task(task)
        self.record = Record()
        self.scene, self.goals, self.record.rejected_scenes = self._sample_scene(options)
        self.goal_index = self._sample_goal(options.pop("goal", None))
        self.goal = self.goals[self.goal_index]
        words = self.words_for(self.goal_index)
        self.instruction = check_instruction(options.pop("instruction", words))
        if shift_m := float(options.pop("shift_m", 0.0)):
            self.scene = self.scene.shifted(self._rng(SHIFT), shift_m)
        self.can_terminate = bool(options.pop("can_terminate", False)) or self._can_stop
        if options:
            raise ValueError(
                f"unknown reset options {sorted(options)}; know {', '.join(self.reset_options)}"
            )

    def _sample_scene(self, options: dict[str, Any]) -> tuple[Any, list[Any], int]:
        """Scene, goals and rejected draws; takes the options that it knows out of `options`."""
        return self.task.draw_scene(self._rng(SCENE), self.split)

    def _rng(self, purpose: int, *more: int) -> np.random.Generator:
        return episode_rng(self.episode_seed, self.task.name, purpose, *more)

    def _sample_goal(self, wanted: object) -> int:
        if wanted is None:
            return int(self._rng(GOAL).choice(self._allowed_goals()))
        if not isinstance(wanted, (int, np.integer)) or not 0 <= wanted < len(self.goals):
            raise ValueError(f"goal {wanted!r} is not one of the scene's {len(self.goals)}")
        return int(wanted)

    def words_for(self, goal: int, variant: int = 0) -> str:
        """The grammar's instruction for one of the scene's goals; variants are paraphrases."""
        rng = self._rng(WORDS, goal, variant)
        return self.task.words(self.scene, self.goals[goal], self.split, rng)

    def step(
        self, action: NDArray[Any]
    ) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Carry out one action.

        Raises:
            ValueError: the action has a wrong shape or is not finite.
            SimulationError: the physics broke; the message names the body.
        """
        self._advance(action)
        ended_by = self.record.ended_by
        terminated, truncated = ended_by not in ("", "limit"), ended_by == "limit"
        return self.observe(), float(self.record.success), terminated, truncated, self._info()

    def _ended_itself(self) -> bool:
        """Return whether the last action was one that ends the episode."""
        return False

    def _advance(self, action: Any) -> None:
        self._require_open()
        motion, says_done = action, False
        if self.settings.terminate and isinstance(self.action_space, spaces.Box):
            motion, says_done = split_terminate(action, self.action_space, self.action_mode)
        if not says_done:
            self._carry_out(motion)
        self._actions.append(np.array(action))
        self.record.steps += 1
        if says_done or self._ended_itself():
            self._receive_claim("", "success")
            self._end("terminate", "success")
        elif self.settings.end_at_success:
            if all(self._conditions.values()):
                self._hold()
            if all(self._conditions.values()):
                self._end("success", rested=True)
        elif self._stillness.lasts and not self.can_terminate:
            self._end("still")
        self._end_at_limit()

    def _end_at_limit(self) -> None:
        if self._open and self.record.steps >= self.max_steps:
            self._end("limit")

    def _end(
        self, ended_by: EndedBy, claim: Claim | Literal[""] = "", *, rested: bool = False
    ) -> None:
        """Let things come to rest, unless they have, and judge."""
        self._open = False
        if not rested:
            self._hold()
        meant = ended_by == "success" or not self.can_terminate
        if ended_by == "terminate":
            meant = claim == self.task.true_claim(self.goal)
        met, effects = all(self._conditions.values()), self._side_effects()
        for event in self.record.judge(ended_by, claim, met=met, meant=meant, effects=effects):
            self.note(event)

    def fork(self) -> Self:
        """An independent copy in the same state, to try actions out (counterfactual rollouts).

        It continues bit for bit as this environment would.
        """
        if self._hash is None:
            raise RuntimeError("nothing to fork; call reset first")
        return copy.deepcopy(self)

    def replay(self, seed: int, options: dict[str, Any], actions: list[Any]) -> None:
        """Start an episode and do in it what another environment has done."""
        self.reset(seed=seed, options=options)
        for action in actions:
            self._redo(action)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles hold settings, seed, options and actions, and do them again."""
        history = None if self._hash is None else (self.episode_seed, self._options, self._actions)
        names = ("_spec", "_np_random", "_np_random_seed", "action_space", "_open", "record")
        kept = {name: vars(self)[name] for name in names if name in vars(self)}
        return done_again, (type(self), vars(self.settings), history, kept)

    def _redo(self, action: Any) -> None:
        """Do again what another environment has done in the same state."""
        if isinstance(action, Finish):
            self.finish(*action)
        elif isinstance(action, Question):
            self.ask(*action)
        else:
            self._advance(action)

    @property
    def state_hash(self) -> str:
        """Hash over all states since the reset, equal where two environments went the same way."""
        return str(self._hash.hexdigest())

    def finish(self, answer: str = "", claim: Claim = "success") -> dict[str, Any]:
        """End the episode as the policy's terminate token asks; returns the last info.

        Args:
            answer: to what the instruction asks, if it asks something.
            claim: what is believed: it is done, was tried in vain, or cannot be done.
        """
        self._require_open()
        self._receive_claim(answer, claim)
        self._actions.append(Finish(answer, claim))
        self._end("terminate", claim)
        return self._info()

    def _receive_claim(self, answer: str, claim: Claim) -> None:
        """Store the final answer and claim before success is checked."""

    def verdict(self) -> dict[str, Any]:
        """Return the info of an episode that is over; empty while it goes on."""
        return {} if self._open else self._info()

    def _require_open(self) -> None:
        if not self._open:
            raise RuntimeError("the episode is over; call reset first")

    def _info(self) -> dict[str, Any]:
        return info_of(self, self._world_info())

    @property
    def conditions(self) -> dict[str, bool]:
        """The goal's named conditions in the state now."""
        return self._conditions
