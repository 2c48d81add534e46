"""The README's moving picture: a policy of the arm, one in an apartment, and an agent at work.

`python -m handeye.experiments.showcase.moving_picture` runs three episodes and writes them as one
animated WebP, each with the words that it was told and what it made of them.
"""

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from handeye.agents.agent import Agent, AgentResult, Budget
from handeye.agents.core.planner import Step
from handeye.agents.load_language_model import PLANNER, load_language_model
from handeye.envs.suites import action_mode_of
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.actors.planner_registry import Making, style_of
from handeye.experiments.evaluation.episode_video import WatchedPolicy, watch
from handeye.experiments.pictures.filmed_env import FilmedEnv, film_states
from handeye.experiments.pictures.video import Frame, draw_heat, draw_marks, enlarge
from handeye.experiments.records.episode import EpisodeJob
from handeye.experiments.records.run_folder import write_bytes_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.showcase.lettering import BAD, GOOD, SOFT, Line, height_of, panel
from handeye.policies.rollout import rollout

WIDTH_PX, HEIGHT_PX = 640, 344
STAGE_PX = 320  # Height of what is seen; a row for the three titles stands under it.
TITLES = ("a policy moves the arm", "a policy finds its way", "an agent plans with tools")
FPS = 10
STILL_PICTURES = 4  # Of a call during which nothing moves.
HELD_S = 1.6  # The last picture of each part stays.
MOST_LETTERS = 44  # Of a call, so that it stays on two rows.


@dataclass(frozen=True)
class MovingPictureConfig:
    """Which episodes to show.

    Attributes:
        output: the WebP.
        policy: who moves the arm.
        task: its task.
        seed: of its episode.
        rooms_policy: who drives.
        rooms_task: its task.
        rooms_seed: of its episode.
        agent_task: whose scene the agent works in, with the scene's own instruction.
        agent_seed: of that scene.
        tools: what the agent sees with.
        planner: how it plans.
        seconds: of each part, at most; longer episodes run faster.
        quality: of the WebP, 0 to 100.
    """

    output: Path = Path("docs/pictures/handeye.webp")
    policy: str = "handeye-nano"
    task: str = "stack"
    seed: int = FIRST_EVALUATION_SEED
    rooms_policy: str = "handeye-rooms-nano"
    rooms_task: str = "object_goal"
    rooms_seed: int = FIRST_EVALUATION_SEED
    agent_task: str = "drawers"
    agent_seed: int = FIRST_EVALUATION_SEED + 3
    tools: str = "eyes"
    planner: str = "react"
    seconds: float = 7.0
    quality: int = 80


def run(config: MovingPictureConfig) -> int:
    """Run the three episodes and write the picture."""
    parts = (arm_part(config), rooms_part(config), agent_part(config))
    pictures: list[Frame] = []
    for number, part in enumerate(parts):
        pictures += [with_titles(picture, number) for picture in hurried(part, config.seconds)]
    write_bytes_atomic(config.output, encode_webp(pictures, config.quality))
    print(f"{config.output}: {len(pictures)} pictures, {config.output.stat().st_size} bytes")
    return 0


def arm_part(config: MovingPictureConfig) -> list[Frame]:
    """Return the arm at work beside what its policy looks at, a picture a control tick."""
    source = open_policy(config.policy)
    env = FilmedEnv(config.task, action_mode=action_mode_of(config.task, source.action_mode))
    watched = WatchedPolicy(source.build(env))
    decided_at = [0]  # Control tick of each decision.
    result = rollout(
        env, watched, seed=config.seed, on_step=lambda *_: decided_at.append(len(env.states))
    )
    seen = [_seen(observation, action.trace) for observation, action in watched.decisions]
    verdict = _verdict(result.info["is_success"])
    pictures = []
    filmed = film_states(env, STAGE_PX)
    for tick, frame in enumerate(filmed):
        decision = min(int(np.searchsorted(decided_at, tick, "right")) - 1, len(seen) - 1)
        words = panel(
            [
                Line(config.policy, 17, bold=True),
                Line(f"“{env.instruction}”", 15),
                verdict if tick == len(filmed) - 1 else Line(""),
            ],
            WIDTH_PX - STAGE_PX,
            STAGE_PX - 176,
        )
        sight = np.full((176, WIDTH_PX - STAGE_PX, 3), 255, np.uint8)
        sight[:160, 16:176] = seen[decision]
        sight[:, 176:] = panel(
            [Line("what it sees, and where the words point", 12, colour=SOFT)],
            WIDTH_PX - STAGE_PX - 176,
            176,
        )
        pictures.append(np.hstack([frame, np.vstack([words, sight])]))
    env.close()
    return pictures


def rooms_part(config: MovingPictureConfig) -> list[Frame]:
    """Return a way through an apartment: what the robot sees, and where it is on the plan."""
    job = EpisodeJob(config.rooms_policy, "rooms", config.rooms_task, "unseen", config.rooms_seed)
    height_px = 264
    record, filmed, _ = watch(job, height_px)
    pictures = []
    for index, film in enumerate(filmed):
        last = index == len(filmed) - 1
        verdict = _verdict(record.success) if last else Line("")
        words = panel(
            [Line(f"{config.rooms_policy}: “{record.instruction}”", 14), verdict],
            WIDTH_PX,
            STAGE_PX - height_px,
            6,
        )
        stage = np.full((height_px, WIDTH_PX, 3), 255, np.uint8)
        width_px = min(film.shape[1], WIDTH_PX)
        stage[:, :width_px] = film[:height_px, :width_px]
        pictures.append(np.vstack([stage, words]))
    return pictures


class CallRecorder:
    """Keeps what an agent called, and how far the film was by then.

    Attributes:
        instruction: the scene's words.
        calls: each with its result and the number of pictures after it.
    """

    def __init__(self, frames_so_far: Any) -> None:
        self._frames_so_far = frames_so_far
        self.instruction = ""
        self.calls: list[tuple[Line, int]] = []

    def start(self, instruction: str, planner_id: str, seed: int) -> None:
        """Keep the words."""
        self.instruction = instruction

    def step(self, step: Step, usage: Any, planned_s: float, steps: int) -> None:
        """Keep a call and whether it came off."""
        said = ", ".join(str(value) for value in step.call.arguments.values())
        if len(said) > MOST_LETTERS:
            said = f"{said[:MOST_LETTERS].rsplit(maxsplit=1)[0]} …"
        mark = "✓" if step.result.ok else "✗"
        colour = GOOD if step.result.ok else BAD
        line = Line(f"{mark} {step.call.name}({said})", 13, colour=colour)
        self.calls.append((line, self._frames_so_far()))

    def end(self, result: AgentResult) -> None:
        """Keep nothing: the verdict is in the result."""


def agent_part(config: MovingPictureConfig) -> list[Frame]:
    """Return an agent at work, its calls beside it as they come."""
    tool_set = tool_set_of(config.agent_task)
    env = tool_set.env(config.agent_task, max_steps=tool_set.steps)
    rng = np.random.default_rng(config.agent_seed)
    style = style_of(config.planner, PLANNER if config.planner == "react" else "")
    model = load_language_model(PLANNER, rng) if style.asks else None
    planner = style.build(Making(model, rng, env))
    agent = Agent(
        planner,
        tool_set.equip(tool_set.perception(config.tools, env)),
        budget=Budget(steps=tool_set.steps),
    )
    recorder = CallRecorder(lambda: tool_set.pictures_so_far(env))
    result = agent.run(env, None, seed=config.agent_seed, recorder=recorder)
    filmed = [enlarge(frame, STAGE_PX) for frame in tool_set.video(env)]
    env.close()
    head = [
        Line("planner and eyes that come with it", 14, bold=True),
        Line(f"“{recorder.instruction}”", 14),
    ]
    lines = [line for line, _ in recorder.calls]
    pictures: list[Frame] = []
    shown = 0
    for number, (line, until) in enumerate(recorder.calls):
        running = line._replace(words=line.words[2:], colour=SOFT)
        beside = _latest(head, [*lines[:number], running])
        scene = filmed[shown:until] or [filmed[max(shown - 1, 0)]] * STILL_PICTURES
        pictures += [np.hstack([frame, beside]) for frame in scene]
        shown = max(shown, until)
    done = _latest(head, [*lines, _verdict(result.success)])
    return [*pictures, np.hstack([filmed[-1], done])]


def _latest(head: Sequence[Line], calls: Sequence[Line]) -> Frame:
    """Return the heading with as many of the last calls as there is room for."""
    width_px, first = WIDTH_PX - STAGE_PX, 0
    while height_of([*head, *calls[first:]], width_px) > STAGE_PX:
        first += 1
    return panel([*head, *calls[first:]], width_px, STAGE_PX)


def hurried(pictures: Sequence[Frame], seconds: float) -> Iterator[Frame]:
    """Yield pictures spread evenly over an episode so that it lasts as long, then hold the last."""
    count = min(len(pictures), round(seconds * FPS))
    for index in np.linspace(0, len(pictures) - 1, count).round().astype(int):
        yield pictures[index]
    for _ in range(round(HELD_S * FPS)):
        yield pictures[-1]


def with_titles(picture: Frame, shown: int) -> Frame:
    """Return the picture with the three titles under it, the one that is shown in bold."""
    width_px = WIDTH_PX // len(TITLES)
    row = [
        panel(
            [Line(title, 12, bold=number == shown, colour=SOFT if number != shown else (0, 0, 0))],
            width_px + (WIDTH_PX - width_px * len(TITLES) if number == 0 else 0),
            HEIGHT_PX - STAGE_PX,
            5,
        )
        for number, title in enumerate(TITLES)
    ]
    return np.vstack([picture, np.hstack(row)])


def encode_webp(pictures: Sequence[Frame], quality: int) -> bytes:
    """Return an animation that repeats for ever, (H, W, 3) pictures at `FPS`."""
    first, *others = [Image.fromarray(picture) for picture in pictures]
    buffer = io.BytesIO()
    first.save(
        buffer, "WEBP", save_all=True, append_images=others, duration=round(1000 / FPS), loop=0,
        quality=quality, method=4, minimize_size=True,
    )  # fmt: skip
    return buffer.getvalue()


def _seen(observation: Mapping[str, Any], trace: Mapping[str, Any]) -> Frame:
    """Return what the front camera showed the policy, with its attention and its grounding."""
    picture = observation["rgb_front"]
    if "front_attention" in trace:
        picture = draw_heat(picture, np.asarray(trace["front_attention"]).sum(axis=0))
    picture = enlarge(picture, 160)
    return draw_marks(picture, np.asarray(trace["front_xy"])) if "front_xy" in trace else picture


def _verdict(solved: bool) -> Line:
    return Line("solved" if solved else "not solved", 15, bold=True, colour=GOOD if solved else BAD)


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(MovingPictureConfig, use_underscores=True)))
