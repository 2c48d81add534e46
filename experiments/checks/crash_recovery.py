r"""Kill recording and training at random moments and see what is left.

    python -m handeye.experiments.checks.crash_recovery --kills 50 --result results/kill_test.json
    python -m handeye.experiments.checks.crash_recovery --suite rooms \
        --result results/rooms_kill_test.json

Half of the kills (SIGKILL, nothing can be caught) hit `handeye collect` at any moment, half hit
`handeye train` while it saves a checkpoint; in rooms all hit `handeye collect`. After each,
everything that was committed must be readable and unchanged and no worker may live on; in the end
the runs are resumed to completion and compared with runs that were never interrupted.
"""

import contextlib
import hashlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tyro
from rich.progress import track

from handeye.envs.core.episode_file import list_episodes
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.suites import TABLETOP, load_episode, tasks_of, world_of
from handeye.envs.vector.worker_process import descendants
from handeye.experiments.records.checkpoints import LAST, MODEL_FOLDER, load_training_state
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import read_json_lines, write_json_atomic
from handeye.policies.checkpoint_files import load_runner
from handeye.policies.token_policy.runner import TokenPolicyRunner

POLL_S = 0.002
ORPHAN_GRACE_S = 20.0
STEP_LIMIT_S = 1200.0
COLLECT_WINDOW_S = 1.0  # a kill of collect comes this long at most after its first new episode
SAVE_WINDOW_S = 0.06  # a kill of train comes this long at most after it began to save


@dataclass(frozen=True)
class KillTestConfig:
    """How often to kill, and what.

    Attributes:
        result: JSON file of the outcome.
        kills: SIGKILLs in all.
        seed: of the moments.
        suite: that collect records; a suite or a single task, see `handeye list`.
        episodes: that collect records, over all tasks.
        steps: of training; every one of them saves.
        workers: processes of either command.
    """

    result: Path = Path("results/kill_test.json")
    kills: int = 50
    seed: int = 0
    suite: str = "reach"
    episodes: int = 800
    steps: int = 120
    workers: int = 2


@dataclass
class Damage:
    """What the kills of one command left behind.

    Attributes:
        kills: SIGKILLs that hit the running command.
        torn: kills after which a half-written file or folder lay beside the committed ones.
        unreadable: committed things that could not be read afterwards, by name.
        changed: committed things that were different afterwards, by name.
        orphans: processes that outlived their parent.
    """

    kills: int = 0
    torn: int = 0
    unreadable: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    orphans: int = 0

    @property
    def none(self) -> bool:
        """Nothing was lost, changed or left running."""
        return not (self.unreadable or self.changed or self.orphans)


@dataclass(frozen=True)
class Victim:
    """A command to kill.

    Attributes:
        arguments: of `handeye`, without folder and --resume.
        folder: its run folder.
        began: counts what tells that the interesting part runs; it is awaited to grow or appear.
        window_s: the kill comes within this time after.
        committed: what is whole now, name -> digest; raises ValueError for what is not readable.
        content: the same, as far as two runs of equal settings must agree on it.
        half_written: what a kill may leave behind.
    """

    arguments: Sequence[str]
    folder: Path
    began: Callable[[Path], object]
    window_s: float
    committed: Callable[[Path], dict[str, str]]
    content: Callable[[Path], dict[str, str]]
    half_written: Callable[[Path], bool]

    def command(self) -> list[str]:
        """What is run, first and every further time."""
        place = ["--output_dir", str(self.folder), "--resume"]
        return [sys.executable, "-m", "handeye.experiments.cli", *self.arguments, *place]


def run(config: KillTestConfig) -> int:
    """Kill, look, resume; exit code 0 if nothing was lost."""
    rng = np.random.default_rng(config.seed)
    with tempfile.TemporaryDirectory(prefix="handeye-kill-") as name:
        root = Path(name)
        reference = collecting(config, root / "reference-data")
        complete(reference)
        pairs = {"collect": (collecting(config, root / "data"), reference)}
        counts, hit = {"collect": config.kills}, "recording"
        if world_of(config.suite) is TABLETOP:
            training_reference = training(config, root / "reference-run", reference.folder)
            complete(training_reference)
            victim = training(config, root / "run", reference.folder)
            pairs["train"] = (victim, training_reference)
            counts = {"collect": config.kills - config.kills // 2, "train": config.kills // 2}
            hit = "recording and of saving checkpoints"
        outcome: dict[str, object] = {}
        whole_so_far = equal = True
        for name, (victim, whole) in pairs.items():
            damage = kill_repeatedly(victim, counts[name], rng, name)
            complete(victim)
            same = victim.content(victim.folder) == whole.content(whole.folder)
            outcome[name] = {**vars(damage), "resumed_equals_uninterrupted": same}
            whole_so_far, equal = whole_so_far and damage.none, equal and same
    summary = (
        f"{config.kills} SIGKILLs at random moments of {hit}: "
        f"{'nothing' if whole_so_far else 'SOMETHING'} committed was lost or changed, and the "
        f"resumed runs {'equal' if equal else 'DIFFER FROM'} uninterrupted ones."
    )
    record = {"summary": summary, "kills": config.kills, "seed": config.seed, **outcome}
    write_json_atomic(config.result, {**record, **measured_with()})
    print(summary)
    return 0 if whole_so_far and equal else 1


def collecting(config: KillTestConfig, folder: Path) -> Victim:
    """`handeye collect`, interesting as soon as it has written one more episode."""
    per_task = -(-config.episodes // len(tasks_of(config.suite)))
    arguments = ["collect", "--suite", config.suite, "--episodes", str(per_task)]
    return Victim(
        [*arguments, "--workers", str(config.workers)],
        folder,
        began=lambda root: len(list((root / "episodes").glob("*/*.safetensors"))),
        window_s=COLLECT_WINDOW_S,
        committed=committed_episodes,
        content=recorded_content,
        half_written=lambda root: any((root / "episodes").glob("*/.*.tmp")),
    )


def training(config: KillTestConfig, folder: Path, data: Path) -> Victim:
    """`handeye train` that saves at every step, interesting while it saves."""
    arguments = ["train", "--dataset.root", str(data), "--steps", str(config.steps)]
    small = ["--batch_size", "4", "--save_every", "1", "--evaluate_every", "0"]
    return Victim(
        [*arguments, *small, "--workers", str(config.workers)],
        folder,
        began=saving_marks,
        window_s=SAVE_WINDOW_S,
        committed=committed_checkpoints,
        content=committed_checkpoints,
        half_written=lambda root: any((root / "checkpoints").glob(".*.partial")),
    )


def saving_marks(root: Path) -> list[tuple[str, int]]:
    """Half-written checkpoints and when they were made, so that one made anew is told apart."""
    marks = []
    for partial in (root / "checkpoints").glob(".*.partial"):
        with contextlib.suppress(FileNotFoundError):  # just renamed
            marks.append((partial.name, partial.lstat().st_mtime_ns))
    return sorted(marks)


def kill_repeatedly(victim: Victim, kills: int, rng: np.random.Generator, name: str) -> Damage:
    """Start and kill until enough kills have hit; look after each."""
    damage = Damage()
    before: dict[str, str] = {}
    for _ in track(range(kills), f"killing {name}"):
        if not kill_once(victim, rng, damage):
            break  # it has come to its end between two kills
        try:
            now = victim.committed(victim.folder)
        except (ValueError, OSError) as error:
            damage.unreadable.append(str(error))
            continue
        damage.changed += [key for key, digest in before.items() if now.get(key, digest) != digest]
        before = now
    return damage


def kill_once(victim: Victim, rng: np.random.Generator, damage: Damage) -> bool:
    """One start and SIGKILL; False if the command ended by itself first."""
    seen = victim.began(victim.folder)
    process = subprocess.Popen(
        victim.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    give_up_s = time.monotonic() + STEP_LIMIT_S
    while victim.began(victim.folder) in (seen, []) and process.poll() is None:
        if time.monotonic() > give_up_s:
            process.kill()
            raise RuntimeError(f"nothing happened in {STEP_LIMIT_S:g} s: {victim.command()}")
        time.sleep(POLL_S)
    time.sleep(float(rng.uniform(0, victim.window_s)))
    children = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    if process.wait() != -signal.SIGKILL:
        return False
    damage.kills += 1
    damage.orphans += count_orphans(children)
    damage.torn += victim.half_written(victim.folder)
    return True


def count_orphans(children: set[int]) -> int:
    """How many of a killed command's processes live on after a while."""
    give_up_s = time.monotonic() + ORPHAN_GRACE_S
    while alive := {pid for pid in children if Path(f"/proc/{pid}/exe").exists()}:
        if time.monotonic() > give_up_s:
            break
        time.sleep(0.05)
    return len(alive)


def complete(victim: Victim) -> None:
    """Run the command to its end.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    done = subprocess.run(victim.command(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{victim.command()} failed:\n{done.stderr[-2000:]}")


def committed_episodes(root: Path) -> dict[str, str]:
    """Digest of every episode by name; each is read in full, and so is the list of unsolved."""
    if not (root / "dataset.json").exists():
        return {}
    for path in list_episodes(root):
        load_episode(path)
    found = {path.name: _digest(path) for path in list_episodes(root)}
    unsolved = {f"unsolved {line['number']}": "" for line in _unsolved(root)}
    return {**found, **unsolved}


def recorded_content(root: Path) -> dict[str, str]:
    """What was recorded, by episode, without the commit and the like that the files name too."""
    found = {}
    for path in list_episodes(root):
        episode = load_episode(path)
        states = episode.poses if isinstance(episode, RoomEpisode) else episode.body_poses
        arrays = (states, episode.actions, episode.labels, episode.terminate)
        digest = hashlib.sha256(episode.state_hash.encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        found[path.name] = digest.hexdigest()
    return found


def committed_checkpoints(root: Path) -> dict[str, str]:
    """Digest of every checkpoint's weights by step; each is loaded in full."""
    folder = root / "checkpoints"
    found = {}
    for checkpoint in sorted(folder.glob("[0-9]*")):
        load_training_state(checkpoint)
        load_runner(checkpoint / MODEL_FOLDER, TokenPolicyRunner)
        found[checkpoint.name] = _digest(checkpoint / MODEL_FOLDER / "model.safetensors")
    if found and (folder / LAST).resolve().name not in found:
        raise ValueError(f"{folder / LAST} points nowhere")
    return found


def _unsolved(root: Path) -> list[dict[str, int]]:
    return list(read_json_lines(root / "unsolved.jsonl"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(run(tyro.cli(KillTestConfig, use_underscores=True)))
