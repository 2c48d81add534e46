"""`handeye evaluate-eyes`: how well eyes find what words mean, answer and check, with intervals.

Frames are those of episodes on the way of their scripted expert (`eyes_views.py`), tables and
apartments apart; beside the eyes stand the same questions without a picture ("blind").
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from handeye.agents.sight.eyes_perception import EyesPerception
from handeye.agents.sight.perception import Perception, box_of
from handeye.experiments.evaluation.config import EvaluateEyesConfig
from handeye.experiments.evaluation.eyes_eval_frames import EvaluationFrame, room_views, table_views
from handeye.experiments.evaluation.eyes_metrics import Trial, summary
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import Noun, draw_noun, fitting
from handeye.experiments.labels.scene_questions import PHRASINGS, Asked, answer, draw_asked, spoken
from handeye.experiments.records.progress import tracked
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.seeds import check_judged_seeds, use_of

FORMAT = "handeye-eyes-1"
NEGATIVES = ("random", "popular", "adversarial")  # POPE, Li et al. 2023, arXiv:2305.10355
TRIES = 20
REFERRED = 2  # phrases about a frame
POPULAR_KINDS = {"table": ("block", "cylinder", "bowl"), "room": ("chair", "table", "picture")}


def run(config: EvaluateEyesConfig) -> int:
    """Judge, print a table, write the figures; exit code 0."""
    torch.set_num_threads(config.threads)
    seeds = check_judged_seeds(config.seed, config.frames)
    eyes = EyesPerception.load(config.eyes)
    figures = {
        name: judged(eyes, name, views, config.frames)
        for name, views in (
            ("table seen", table_views("seen", config.frames, config.seed)),
            ("table combination", table_views("combination", config.frames, config.seed)),
            ("room unseen", room_views("unseen", config.frames, config.seed)),
        )
    }
    settings = {"eyes": config.eyes, "frames": config.frames, "first_seed": config.seed}
    use = use_of(seeds.start)
    record = {"format": FORMAT, **settings, "seeds": use, **measured_with(), "figures": figures}
    if config.result is not None:
        write_json_atomic(config.result, record)
    _print(figures)
    return 0


def judged(
    eyes: Perception, name: str, views: Iterator[EvaluationFrame], count: int
) -> dict[str, Any]:
    """All figures of one kind of frames."""
    seeing: list[Trial] = []
    blind: list[Trial] = []
    times: list[float] = []
    for view in tracked(views, name, count):
        dark = view._replace(observation=without_picture(view))
        for number, (group, asked) in enumerate(questions(view)):
            started = time.perf_counter()
            seeing.append(put(eyes, view, group, asked))
            if number == 0:  # later ones ask about what has been looked at
                times.append(time.perf_counter() - started)
            if group != "refer":
                blind.append(put(eyes, dark, group, asked))
    milliseconds = 1000 * np.array(times)
    return {
        "eyes": summary(seeing),
        "blind": summary(blind),
        "ms_per_image_and_question": {
            "p50": float(np.median(milliseconds)),
            "p95": float(np.quantile(milliseconds, 0.95)),
        },
    }


def questions(view: EvaluationFrame) -> Iterator[tuple[str, Asked]]:
    """What is asked about a frame, and what it counts for."""
    facts = view.facts
    for _ in range(REFERRED if facts.things else 0):
        noun = _drawn(view, single=True)
        if noun is not None:
            yield "refer", Asked("refer", noun)
    noun = _drawn(view, single=False) if facts.things else None
    if noun is not None:
        yield "presence positive", Asked("presence", Noun(noun.kind, noun.colour))
    for kind in NEGATIVES:
        absent = _absent(view, kind)
        if absent is not None:
            yield f"presence {kind}", Asked("presence", absent)
    for kind in PHRASINGS:
        drawn = (draw_asked(facts, view.words, view.rng, kind) for _ in range(TRIES))
        asked = next((one for one in drawn if one is not None), None)
        if asked is not None and kind != "presence":
            yield f"vqa {kind}", asked
    if view.goal is not None:
        nouns = [noun for noun in (view.goal.first, view.goal.second) if noun is not None]
        if all(fitting(noun, facts).sum() == 1 for noun in nouns):
            yield "success", view.goal


def _drawn(view: EvaluationFrame, *, single: bool) -> Noun | None:
    """A phrase for a thing of the frame, or for a thing of a held-out pair where there is one."""
    facts, rng = view.facts, view.rng
    rare = [index for index in range(len(facts.things)) if view.is_held_out(index)]
    for _ in range(TRIES):
        index = int(rng.choice(rare)) if rare else int(rng.integers(len(facts.things)))
        noun = draw_noun(facts, index, view.words, rng, bare=not single)
        if single and fitting(noun, facts).sum() == 1:
            return noun
        if not single and noun.kind not in ("", HANDLE):
            return noun
    return None


def _absent(view: EvaluationFrame, kind: str) -> Noun | None:
    """A kind and colour that the frame does not show.

    Random ones; popular kinds; or a kind and a colour that it shows, but of different things.
    """
    things, rng = [t for t in view.facts.things if t.kind != HANDLE], view.rng
    kinds = [name for name in view.words.kinds if name != HANDLE]
    colours = list(view.words.colours)
    if kind == "popular":
        kinds = list(POPULAR_KINDS[view.world])
    elif kind == "adversarial":
        kinds, colours = [t.kind for t in things], [t.colour for t in things]
    for _ in range(TRIES if kinds else 0):
        noun = Noun(str(rng.choice(kinds)), str(rng.choice(colours)))
        if not fitting(noun, view.facts).any():
            return noun
    return None


def put(eyes: Perception, view: EvaluationFrame, group: str, asked: Asked) -> Trial:
    """Ask, and compare with the truth."""
    meant = fitting(asked.first, view.facts)
    held_out = any(view.is_held_out(index) for index in np.flatnonzero(meant).tolist())
    words = spoken(asked, view.rng)
    if group != "refer":
        heard = eyes.ask(words, view.observation, view.camera)
        truth = answer(asked, view.facts)
        return Trial(group, truth, heard.text, heard.score, held_out=held_out)
    found = eyes.detect(words, view.observation, view.camera)
    if not found:
        return Trial(group, "found", "nothing", 0.0, held_out=held_out)
    mask = view.facts.masks[int(meant.argmax())]
    best = max(found, key=lambda detection: detection.score)
    said = "found" if box_iou(best.box, box_of(mask)) >= 0.5 else best.name
    row, column = inner_point(best.mask)
    return Trial(group, "found", said, best.score, bool(mask[row, column]), held_out)


def box_iou(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """Share that two boxes (left, top, right, bottom) have in common of what they cover."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return common / (sum(areas) - common)


def inner_point(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Row and column of the mask's pixel (H, W) that is nearest to its middle."""
    pixels = np.argwhere(mask)
    nearest = ((pixels - pixels.mean(0)) ** 2).sum(1).argmin()
    row, column = pixels[nearest].tolist()
    return row, column


def without_picture(view: EvaluationFrame) -> dict[str, Any]:
    """The observation with a black frame and no depth."""
    rgb, depth = f"rgb_{view.camera}", f"depth_{view.camera}"
    seen = {key: value for key, value in view.observation.items() if key != depth}
    return {**seen, rgb: np.zeros_like(view.observation[rgb])}


def _print(figures: dict[str, Any]) -> None:
    table = Table("frames", "figure", "eyes", "95 %", "n", "blind")
    for name, rows in figures.items():
        for figure, rate in rows["eyes"]["rates"].items():
            blind = rows["blind"]["rates"].get(figure)
            low, high = rate["wilson95"]
            table.add_row(
                name, figure, f"{rate['rate']:.1%}", f"{low:.1%}–{high:.1%}", str(rate["n"]),
                "" if blind is None else f"{blind['rate']:.1%}",
            )  # fmt: skip
        for figure, value in rows["eyes"]["numbers"].items():
            table.add_row(name, figure, f"{value:.3f}", "", "", "")
        speed = rows["ms_per_image_and_question"]
        table.add_row(
            name, "ms, p50 and p95", f"{speed['p50']:.0f} / {speed['p95']:.0f}", "", "", ""
        )
    Console().print(table)
