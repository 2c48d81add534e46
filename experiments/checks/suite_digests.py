"""Hash what the shipped suites' episodes are at reset, and keep the hashes as data.

    python -m handeye.experiments.checks.suite_digests            # compare with what was kept
    python -m handeye.experiments.checks.suite_digests --write    # keep what is

A hash is over task, goal, scene (rounded to 1e-6) and instruction of 12 evaluation seeds. Nothing
is simulated or drawn. Where a hash changes, results recorded before no longer compare: give the
suite another version.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tyro

from handeye.envs.suites import WORLDS, make_suite_env
from handeye.experiments.records.run_folder import write_json_atomic

SEEDS = range(1_000_000, 1_000_012)
KEPT = Path(__file__).with_suffix(".json")


@dataclass(frozen=True)
class SuiteDigestsConfig:
    """Compare the shipped suites with the hashes that were kept.

    Attributes:
        write: keep the hashes instead.
    """

    write: bool = False


def suite_splits() -> Iterator[tuple[str, str]]:
    """Yield every suite with each of its splits."""
    for world in WORLDS:
        for suite in world.suites:
            yield from ((suite, split) for split in world.registry.splits_of(suite))


def suite_digest(suite: str, split: str) -> str:
    """Return the SHA-256 (hexadecimal) of a suite's episodes at reset in one split."""
    env = make_suite_env(suite, split=split, cameras=())
    digest = hashlib.sha256()
    for seed in SEEDS:
        env.sample_episode(seed=seed)
        scene, goal = env.scene.to_dict(), asdict(env.goal)
        episode = [env.task.name, _rounded(goal), _rounded(scene), env.instruction]
        digest.update(json.dumps(episode, sort_keys=True).encode())
    return digest.hexdigest()


def suite_digests() -> dict[str, str]:
    """Return the digests of all suites that are registered, by "suite v<version>/split"."""
    versions = {s.name: s.version for world in WORLDS for s in world.registry.suites.values()}
    return {
        f"{suite} v{versions[suite]}/{split}": suite_digest(suite, split)
        for suite, split in suite_splits()
    }


def _rounded(value: Any) -> Any:
    """Plain data with floats to six decimals; -0.0 and 0.0 are one."""
    if isinstance(value, float):
        return round(value, 6) + 0.0
    if isinstance(value, dict):
        return {str(key): _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value


def main() -> int:
    """Compare or keep; return 1 where a suite has changed."""
    config = tyro.cli(SuiteDigestsConfig, description=__doc__)
    found = suite_digests()
    if config.write:
        write_json_atomic(KEPT, found)
        return 0
    kept = json.loads(KEPT.read_text())
    changed = [name for name in kept if kept[name] != found.get(name)]
    print("\n".join(f"changed: {name}" for name in changed) or "no suite has changed")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
