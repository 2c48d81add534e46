"""The README's picture: strips of real episodes.

`python -m handeye.experiments.showcase.picture` draws it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handeye.experiments.evaluation.run_policy_episode import watch
from handeye.experiments.pictures.video import Frame, draw_caption, encode_png, frame_strip
from handeye.experiments.records.episode import FIRST_EVALUATION_SEED, EpisodeJob
from handeye.experiments.records.run_folder import write_bytes_atomic


@dataclass(frozen=True)
class PictureConfig:
    """Which episodes to show.

    Attributes:
        policy: who acts, as for `handeye evaluate --policy.path`.
        output: the PNG.
        tasks: one strip each.
        seed: of the episodes.
        frames: pictures in a strip.
        height_px: of each.
    """

    policy: str = "oracle"
    output: Path = Path("docs/pictures/tabletop.png")
    tasks: tuple[str, ...] = ("put_in", "stack", "move_drawer")
    seed: int = FIRST_EVALUATION_SEED
    frames: int = 6
    height_px: int = 160


def run(config: PictureConfig) -> int:
    """Run the episodes and write the picture."""
    strips = [strip(config, task) for task in config.tasks]
    write_bytes_atomic(config.output, encode_png(stack(strips)))
    print(config.output)
    return 0


def strip(config: PictureConfig, task: str) -> Frame:
    """One episode as a strip with its instruction underneath."""
    job = EpisodeJob(config.policy, task, task, "seen", config.seed)
    record, pictures, _ = watch(job, config.height_px)
    verdict = "solved" if record.success_final else "failed"
    return draw_caption(
        frame_strip(pictures, config.frames),
        [f'"{record.instruction}"  ({config.policy}, seed {config.seed}: {verdict})'],
    )


def stack(strips: Sequence[Frame]) -> Frame:
    """Strips under each other, shorter ones filled with white."""
    width = max(strip.shape[1] for strip in strips)
    rows = [
        np.pad(strip, ((0, 6), (0, width - strip.shape[1]), (0, 0)), constant_values=255)
        for strip in strips
    ]
    return np.concatenate(rows)


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(PictureConfig, use_underscores=True)))
