"""Read a side from what an evaluation left: a run folder, `eval_info.json`, a file of episodes.

What was cut off or edited is refused: the lines have to be whole, belong to their episodes, and add
up to the figures that were written beside them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from handeye.base.json_reader import check_shape, parse_json, read_json
from handeye.experiments.comparison.side import Episode, Side
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.episode_lines import episode_lines_path, unpacked
from handeye.experiments.records.schemas import EvaluationInfo, read_evaluation

EPISODES, INFO = "episodes.jsonl", "eval_info.json"
PACKED = (".jsonl", ".jsonl.gz")
# What has to be the same of both sides -> the field of records that says it.
FACTS = {
    "suite": "suite",
    "version of the suite": "suite_version",
    "split": "split",
    "renderer": "renderer_fingerprint",
}


class LeRobotEpisode(TypedDict):
    """An entry of `per_episode`."""

    success: bool
    seed: NotRequired[int | None]


class LeRobotSuccesses(TypedDict):
    """What LeRobot keeps of a task's episodes, as far as it is read."""

    successes: list[bool]


class LeRobotTask(TypedDict):
    """An entry of `per_task`."""

    task_group: str
    task_id: int
    metrics: LeRobotSuccesses


def is_recorded(name: str) -> bool:
    """Return whether a side's name is a file or folder of an evaluation."""
    return name.endswith((".json", *PACKED)) or (Path(name) / EPISODES).is_file()


def read_side(path: Path, *, by_order: bool = False) -> Side:
    """Return the side that a file or folder holds.

    Args:
        path: a run folder, an `eval_info.json`, or episodes as JSON lines, gzipped or not.
        by_order: number the episodes of a file without seeds by their order, as if these were.

    Raises:
        ValueError: it is cut off, edited, unfinished, or of another kind.
        OSError: it cannot be read.
    """
    if path.is_dir():
        return with_films(_of_lines(path / EPISODES, path / INFO, str(path)), path)
    if path.name.endswith(PACKED):
        info = path.with_name(INFO) if path.name == EPISODES else None
        return _of_lines(path, info, str(path))
    data = read_json(path, dict[str, Any])
    if {"per_episode", "per_task"} & data.keys() and "suite" not in data:
        return _of_lerobot(path, data, by_order)
    if path.name == INFO and path.with_name(EPISODES).is_file():
        return read_side(path.parent)
    packed = episode_lines_path(path)
    if packed.is_file():
        return _of_lines(packed, path, str(path))
    return _of_figures(path, read_evaluation(path))


def _of_lines(path: Path, info_path: Path | None, where: str) -> Side:
    if info_path is not None and not info_path.is_file():
        raise ValueError(
            f"{where} holds an evaluation that was not finished: {info_path.name} is missing. "
            "Continue it with `handeye evaluate --resume`."
        )
    records = [one for one in _read_records(path) if one.condition == "true"]
    if not records:
        raise ValueError(f"{path} holds no episode with true instructions")
    solved, lost = _judged(records, path)
    facts, name = facts_of(records, path), records[0].policy_id
    if info_path is not None:
        info = read_evaluation(info_path)
        _check_adds_up(solved, info, path, info_path)
        facts, name = _with_rule(facts, info), str(info.get("policy", name))
    return Side.of_episodes(name, where, facts, solved, lost)


def _read_records(path: Path) -> Iterator[EpisodeRecord]:
    """Yield the records of a file whose every line is whole and says which episode it is of."""
    content = unpacked(path) if path.suffix == ".gz" else path.read_bytes()
    if not content.endswith(b"\n"):
        raise ValueError(
            f"{path} is cut off: its last line has no end. Take a whole copy, or continue the run "
            "with `handeye evaluate --resume`."
        )
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        where = f"{path} line {number}"
        record = EpisodeRecord.from_dict(parse_json(line, dict[str, Any], where), where)
        if record.episode_id != f"{record.task}/{record.seed}/{record.condition}":
            raise ValueError(
                f"{where} was edited: it is called {record.episode_id}, and is of task "
                f"{record.task}, seed {record.seed}, words {record.condition}. Evaluate anew."
            )
        yield record


def _judged(
    records: list[EpisodeRecord], path: Path
) -> tuple[dict[Episode, bool], frozenset[Episode]]:
    """Return which episodes were solved, and which are lost; only a lost one may come again."""
    solved: dict[Episode, bool] = {}
    lost: set[Episode] = set()
    for record in records:
        episode = (record.task, record.seed)
        if episode in solved:
            raise ValueError(f"{path} was edited: it holds {record.episode_id} twice")
        if record.worker_lost:
            lost.add(episode)
        else:
            solved[episode] = record.success
    return solved, frozenset(lost - solved.keys())


def facts_of(records: list[EpisodeRecord], path: Path) -> dict[str, str]:
    """Return what has to be the same of both sides, which is one thing in each file."""
    facts: dict[str, str] = {}
    for fact, name in FACTS.items():
        values = {str(getattr(one, name)) for one in records if not one.worker_lost}
        if len(values) > 1:
            raise ValueError(f"{path} mixes runs: {fact} {' and '.join(sorted(values))}")
        facts[fact] = next(iter(values), "")
    return facts


def _check_adds_up(
    solved: Mapping[Episode, bool], info: EvaluationInfo, path: Path, info_path: Path
) -> None:
    """Compare the episodes with the rates that the run wrote when it ended."""
    n = Counter(task for task, _ in solved)
    k = Counter(task for (task, _), success in solved.items() if success)
    for task in sorted({*n, *info["per_task"]}):
        row = info["per_task"].get(task)
        wrote = (row["k"], row["n"]) if row else (0, 0)
        if wrote != (k[task], n[task]):
            raise ValueError(
                f"{path} was edited or cut off: of {task} it holds {k[task]} successes in "
                f"{n[task]} episodes, and {info_path.name} says {wrote[0]} in {wrote[1]}. "
                "Evaluate anew."
            )


def with_films(side: Side, folder: Path) -> Side:
    """Return the side with the films that lie in its run's folder."""
    films = {
        (task, seed): path
        for (task, seed), success in side.solved.items()
        if (path := film_path(folder, (task, seed), success)).is_file()
    }
    return replace(side, films=films)


def film_path(folder: Path, episode: Episode, success: bool) -> Path:
    """Return where a run keeps an episode's film, if there is one."""
    verdict = "success" if success else "failure"
    return folder / "videos" / f"{episode[0]}_{episode[1]}_{verdict}.mp4"


def _of_figures(path: Path, info: EvaluationInfo) -> Side:
    """Return the side of rates without their episodes, which cannot be paired."""
    outcomes = {
        task: [True] * row["k"] + [False] * (row["n"] - row["k"])
        for task, row in info["per_task"].items()
    }
    facts = {
        "suite": info["suite"],
        "split": info["split"],
        "renderer": str(info.get("renderer_fingerprint", "")),
    }
    name = str(info.get("policy", path.stem))
    return Side(name, str(path), _with_rule(facts, info), {}, outcomes)


def _with_rule(facts: dict[str, str], info: EvaluationInfo) -> dict[str, str]:
    return {**facts, "success rule": str(info.get("success_rule", ""))}


def _of_lerobot(path: Path, data: dict[str, Any], by_order: bool) -> Side:
    """Return the side of LeRobot's file, of versions with and without the episodes' seeds."""
    name = path.parent.name if path.name == INFO and path.parent.name else path.stem
    facts = {"suite": "LeRobot's own"}
    if "per_episode" in data:
        check_shape(data["per_episode"], list[LeRobotEpisode], str(path), "per_episode")
        seeds = [one.get("seed") for one in data["per_episode"]]
        rows = {"all": [bool(one["success"]) for one in data["per_episode"]]}
        if all(seed is not None for seed in seeds):
            solved = {("all", seed): won for seed, won in zip(seeds, rows["all"], strict=True)}
            return Side.of_episodes(name, str(path), facts, solved)
    else:
        check_shape(data["per_task"], list[LeRobotTask], str(path), "per_task")
        rows = {
            f"{one['task_group']} {one['task_id']}": one["metrics"]["successes"]
            for one in data["per_task"]
        }
    if by_order:
        numbered = {
            (task, number): won for task, row in rows.items() for number, won in enumerate(row)
        }
        return Side.of_episodes(name, str(path), facts, numbered)
    return Side(name, str(path), facts, {}, rows)
