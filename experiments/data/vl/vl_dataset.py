"""Folders of examples: read, sampled evenly, and drawn.

    data/vl/dataset.json                          what was asked for
    data/vl/episodes/0000/0000000.safetensors     an episode, as `handeye collect` records it
    data/vl/examples/0000/0000000.json            what is said about frames of it
    data/vl/README.md                             the data card

No pixel is stored: `draw` makes frames at any size, from any standing camera, in any look.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handeye.base.json_reader import check_format, read_json
from handeye.base.names import look_up
from handeye.envs.core.dataset_file import REMEDY
from handeye.envs.core.episode_file import list_episodes
from handeye.envs.suites import load_episode
from handeye.experiments.data.vl.balance import one_of
from handeye.experiments.data.vl.drawing import Drawn, draw_frames
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.kinds import KINDS
from handeye.experiments.data.vl.record_json import RECORD_FORMAT, VlRecord, from_record
from handeye.experiments.records.seeds import SeedUse, use_of


class VlDataset:
    """Examples of one folder or several, in memory; episodes are read when frames are drawn.

    Args:
        examples: of all folders.
        roots: the folder of each example's episode, by the example's place.
    """

    def __init__(self, examples: Sequence[VlExample], roots: Sequence[Path]) -> None:
        self.examples, self._roots = list(examples), list(roots)
        by_answer: dict[str, dict[str, dict[str, list[int]]]] = {}
        for place, one in enumerate(self.examples):
            matters = by_answer.setdefault(one.kind, {}).setdefault(one.about, defaultdict(list))
            matters[one.answer if one.kind == "vqa" else ""].append(place)
        self._by_answer = by_answer

    @classmethod
    def load(cls, *roots: Path, use: SeedUse = "training") -> "VlDataset":
        """Read folders that `handeye collect --data vl` made.

        Args:
            roots: the folders.
            use: what the examples are for; episodes of other seeds are refused.

        Raises:
            FileNotFoundError: there is no dataset.
            ValueError: it holds no example, seeds of another use, or a damaged file (it is named).
        """
        examples, homes = [], []
        for root in roots:
            for path in list_records(root):
                found = read_record(path)
                examples += found
                homes += [root] * len(found)
            _check_use(root, use)
        if not examples:
            raise ValueError(
                f"no vision-language example in {', '.join(map(str, roots)) or 'no folder'}. "
                "Make some: handeye collect --data vl --output_dir DIR"
            )
        return cls(examples, homes)

    def __len__(self) -> int:
        """Return how many examples there are."""
        return len(self.examples)

    def of_kind(self, kind: str) -> list[int]:
        """Return the places of the examples of one kind.

        Raises:
            UnknownName: there is no such kind.
            ValueError: the folders hold none of it.
        """
        matters = self._matters(kind)
        return sorted(place for answers in matters for some in answers for place in some)

    def sample(self, rng: np.random.Generator, kind: str, count: int) -> list[int]:
        """Return places of `count` examples of a kind: matters, then answers, equally likely.

        Raises:
            UnknownName: there is no such kind.
            ValueError: the folders hold none of it.
        """
        matters = self._matters(kind)
        return [one_of(one_of(one_of(matters, rng), rng), rng) for _ in range(count)]

    def _matters(self, kind: str) -> list[list[list[int]]]:
        """Places of a kind's examples by what they are about, then by their answers."""
        look_up("kind of example", kind, dict.fromkeys(KINDS))
        if kind not in self._by_answer:
            raise ValueError(f"the folders hold no example of the kind {kind!r}; collect more")
        return [list(answers.values()) for answers in self._by_answer[kind].values()]

    def draw(
        self,
        places: Sequence[int],
        px: int,
        rng: np.random.Generator | None = None,
        *,
        jitter: float = 1.0,
        camera: str = "",
    ) -> Drawn:
        """Draw the frames of the examples at `places`.

        Args:
            places: in `examples`.
            px: height and width.
            rng: of light, texture, colour and camera jitter; None: the look that examples are
                judged by.
            jitter: its strength.
            camera: of tables, in place of the examples' own; what is in view may change.

        Raises:
            ValueError: no such camera or size, or a damaged episode.
        """
        asked = [(self._roots[place], self.examples[place].frames) for place in places]
        return draw_frames(asked, px, rng, jitter=jitter, camera=camera)


def record_path(root: Path, number: int) -> Path:
    """Return where the examples about episode `number` lie."""
    return root / "examples" / f"{number // 1000:04d}" / f"{number:07d}.json"


def list_records(root: Path) -> list[Path]:
    """Return the files of examples whose episodes are there, in order.

    Raises:
        FileNotFoundError: there is no dataset at `root`.
        ValueError: it is of another version, or damaged.
    """
    numbers = (int(path.stem) for path in list_episodes(root))
    return [path for path in (record_path(root, n) for n in numbers) if path.exists()]


def read_record(path: Path) -> list[VlExample]:
    """Return the examples of a file.

    Raises:
        JsonError: it is damaged or of another version; the message names it.
    """
    data = read_json(path, VlRecord)
    check_format(dict(data), RECORD_FORMAT, path, REMEDY)
    return from_record(data, str(path))


def _check_use(root: Path, use: SeedUse) -> None:
    """Refuse a folder of which the first episode's seed is of another use."""
    for path in list_episodes(root)[:1]:
        found = use_of(load_episode(path).seed)
        if found != use:
            raise ValueError(
                f"{root} was collected with seeds of {found}, and examples of {use} are wanted; "
                f"say load(..., use={found!r}) if they are for that"
            )
