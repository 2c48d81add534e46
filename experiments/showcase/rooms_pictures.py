"""What docs/rooms.md shows of the suite `rooms`.

`python -m handeye.experiments.showcase.rooms_pictures` writes it. Pictures go to
docs/pictures/rooms_*; tables and example instructions go between two markers of the page, straight
from the code, and a test fails when they are no longer what the code says.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gymnasium import spaces

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.ego_camera import EGO_CAMERA
from handeye.envs.rooms.scene.mobile_base import (
    CONTROL_HZ,
    DISCRETE_NAMES,
    FASTEST_TURN_RAD_S,
    FORWARD_M,
    SPEED_M_S,
    TURN_RAD,
)
from handeye.envs.rooms.tasks import ROOM_SPLITS, ROOM_TASKS, RoomTask
from handeye.experiments.evaluation.episode_video import watch
from handeye.experiments.evaluation.navigation_episode import draw_map
from handeye.experiments.evaluation.run_policy_episode import run_policy_episode
from handeye.experiments.pictures.video import Frame, encode_png, frame_strip, spread
from handeye.experiments.records.episode import EpisodeJob
from handeye.experiments.records.markdown import insert, markdown
from handeye.experiments.records.run_folder import write_bytes_atomic, write_text_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.showcase.catalogue import SPLIT_MEANINGS, task_summary

BEGIN = "<!-- written by `python -m handeye.experiments.showcase.rooms_pictures` -->"
END = "<!-- end of what is written by the command -->"
OBSERVED: Mapping[str, str] = {
    f"rgb_{EGO_CAMERA}": "what the camera on the robot's mast sees, row 0 on top",
    f"depth_{EGO_CAMERA}": "metres along the optical axis",
    f"segmentation_{EGO_CAMERA}": "body numbers, privileged; with `segmentation=True` alone",
    "proprio": "odometry: metres ahead and to the left of the start, cosine and sine of the yaw "
    "since then; 1 if the last action touched something; share of the greatest speed",
    "instruction": "the task in words",
}


@dataclass(frozen=True)
class RoomsPicturesConfig:
    """What to write, and of which episodes.

    Attributes:
        page: the Markdown file with the markers.
        pictures: folder of the pictures.
        seed: of the episodes.
        height_px: of what the robot sees.
        frames: pictures in the strip.
    """

    page: Path = Path("docs/rooms.md")
    pictures: Path = Path("docs/pictures")
    seed: int = FIRST_EVALUATION_SEED + 2
    height_px: int = 190
    frames: int = 4


def run(config: RoomsPicturesConfig) -> int:
    """Write the pictures, then the page."""
    for name, content in pictures(config).items():
        write_bytes_atomic(config.pictures / name, content)
        print(config.pictures / name)
    text = config.page.read_text()
    write_text_atomic(config.page, insert(text, render(), BEGIN, END))
    return 0


def pictures(config: RoomsPicturesConfig) -> dict[str, bytes]:
    """File name -> contents: the ego camera's strip, one picture of a film, a map."""
    job = EpisodeJob("oracle", "rooms", "object_goal", "unseen", config.seed)
    _, frames, _ = watch(job, config.height_px)
    eyes = [frame[: config.height_px, : config.height_px] for frame in frames]
    told = EpisodeJob("oracle", "rooms", "route_following", "unseen", config.seed)
    _, filmed, _ = watch(told)
    return {
        "rooms_ego.png": encode_png(frame_strip(eyes, config.frames)),
        "rooms_film.png": encode_png(_late(filmed)),
        "rooms_map.svg": draw_map(told, run_policy_episode(told)).encode(),
    }


def _late(frames: Sequence[Frame]) -> Frame:
    """A picture of a film from when most of the way has been gone."""
    return frames[spread(len(frames), 5)[-2]]


def render() -> str:
    """All that stands between the markers, as Markdown."""
    return "\n\n".join((task_table(), observation_table(), action_table(), split_table()))


def task_table() -> str:
    """The tasks: when they are solved, and an instruction in training's words and in others."""
    rows = []
    for name in ROOM_TASKS:
        usual, held_out = (example(name, split) for split in ("unseen", "phrasing"))
        rows.append((f"`{name}`", task_summary(ROOM_TASKS[name]), f"“{usual}”", f"“{held_out}”"))
    header = ("task", "solved when", "for example", "in held-out words")
    return markdown(header, rows)


def example(task: str, split: str, seed: int = FIRST_EVALUATION_SEED) -> str:
    """The instruction of an episode."""
    env = RoomsEnv(task, split=split, cameras=())
    env.reset(seed=seed)
    env.close()
    return env.instruction


def observation_table() -> str:
    """Keys, types and shapes, read from the environment's observation space."""
    space = RoomsEnv(segmentation=True).observation_space
    assert isinstance(space, spaces.Dict)
    rows = []
    for key, meaning in OBSERVED.items():
        one = space[key]
        if isinstance(one, spaces.Text):
            rows.append((f"`{key}`", "text", f"up to {one.max_length} characters", meaning))
        elif isinstance(one, spaces.Box):
            shape = " × ".join(map(str, one.shape))
            rows.append((f"`{key}`", np.dtype(one.dtype).name, shape, meaning))
    return markdown(("observation", "type", "shape", "meaning"), rows)


def action_table() -> str:
    """The action modes."""
    turn = round(float(np.degrees(TURN_RAD)))
    numbers = ", ".join(f"{number} {name}" for number, name in enumerate(DISCRETE_NAMES))
    meanings = {
        "base_discrete": f"{numbers}; a step of {FORWARD_M} m, a turn of {turn}°, stop ends the "
        "episode",
        "base_velocity": f"(2,) in [-1, 1] at {CONTROL_HZ} Hz: share of {SPEED_M_S} m/s ahead, of "
        f"{FASTEST_TURN_RAD_S} rad/s to the left; `env.finish()` ends the episode",
    }
    rows = [(f"`{mode}`", meanings[mode], str(most)) for mode, most in RoomTask.step_budget.items()]
    return markdown(("action mode", "actions", "at most"), rows)


def split_table() -> str:
    """The splits."""
    rows = [(f"`{split}`", SPLIT_MEANINGS[split]) for split in ROOM_SPLITS]
    return markdown(("split", "what is asked there"), rows)


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(RoomsPicturesConfig, use_underscores=True)))
