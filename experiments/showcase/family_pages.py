"""The pages docs/families.md and docs/families/*.md, made of the families' docstrings and presets.

`python -m handeye.experiments.showcase.family_pages` writes them; a test fails when a page is no
longer what the code says. Figures come from `results/families_first.json` where it is there.
"""

import inspect
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from textwrap import dedent
from typing import Any

import torch

from handeye.base.json_reader import read_json
from handeye.experiments.data.mixture import KINDS_OF, kinds_of
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.perception.families.family import Family
from handeye.perception.families.registry import FAMILIES, family_class
from handeye.policies.families.config import FAMILY_PRESETS
from handeye.policies.trained import RUNNERS

COMMAND = "python -m handeye.experiments.showcase.family_pages"
RESULT = Path("results/families_first.json")
VOCABULARY, WORDS = 600, 8  # of the models counted, and of the instruction whose tokens are
DRAWN = re.compile(r"->|<-|\S {2,}\S|^ ")  # in a paragraph of a docstring that is a drawing
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{5})")
INTRODUCTION = """
Published ways to bring frames and words together, each small, readable and trained by the same command. A family makes
a *prefix* of frames and words; eight action slots look at it (RT-2 says its actions in words instead), and pointers
that the simulator's masks train tell where the things are that the words name (`--no_grounded` leaves them out).

```sh
handeye collect --data vl --suite reach --episodes 1 --frames 2 --workers 0 --output_dir outputs/reach
handeye train --family flamingo --preset tiny --dataset.root outputs/reach --mixture act=0.7,caption=0.3 --steps 2 --batch_size 4 --workers 1 --evaluate_every 0 --output_dir outputs/flamingo
handeye evaluate --policy.path outputs/flamingo --suite reach --episodes 1 --seed 1000000 --workers 0 --films 0 --output_dir outputs/flamingo-judged
```

```python
import handeye.policies  # tells transformers about them
from transformers import AutoModel, AutoProcessor

folder = "outputs/flamingo/checkpoints/last/pretrained_model"
model, processor = AutoModel.from_pretrained(folder), AutoProcessor.from_pretrained(folder)
print(type(model.family).__name__, model.dtype)
```

Presets: `tiny` is for trying out, `nano` for two cores, `small` for a GPU. What a family says about frames is measured by
`handeye score`; how to train on any device stands in [training](training.md), where the examples come from in
[vision-language data](vl_data.md). A new family is a file in `perception/families` and a line in its `registry.py`.
""".strip()  # noqa: E501 - lines of a page


@dataclass(frozen=True)
class FamilyPagesConfig:
    """Where to write.

    Attributes:
        docs: the folder of pages.
        result: figures of a training of every family.
    """

    docs: Path = Path("docs")
    result: Path = RESULT


def run(config: FamilyPagesConfig) -> int:
    """Write the pages; exit code 0."""
    for name, text in pages(rows_of(config.result)).items():
        path = config.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomic(path, text)
    return 0


def rows_of(result: Path) -> Mapping[str, Any]:
    """Return the figures by family; none where nothing was recorded."""
    rows: Mapping[str, Any] = read_json(result, dict[str, Any])["rows"] if result.exists() else {}
    return rows


def pages(rows: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every page by its path under docs."""
    families = {name: family_class(name) for name in FAMILIES}
    found = {f"families/{name}.md": page(name, cls, rows) for name, cls in families.items()}
    table = [
        "| family | paper | parameters, `nano` | tokens | learns from | figures |",
        "| --- | --- | --- | --- | --- | --- |",
        *(index_row(name, cls, rows) for name, cls in families.items()),
    ]
    head = f"<!-- written by `{COMMAND}` -->\n\n# Families of multimodal models"
    found["families.md"] = "\n\n".join([head, INTRODUCTION, "\n".join(table)]) + "\n"
    return found


def index_row(name: str, cls: type[Family], rows: Mapping[str, Any]) -> str:
    """Return a family's line of the table."""
    measured = f"{rows[name]['success']['rate']:.1%}" if name in rows else "not yet"
    cells = [
        f"[`{name}`](families/{name}.md)",
        linked(cls.source),
        f"{parameters(name, 'nano') / 1e6:.2f} M",
        str(tokens(name)),
        ", ".join(learned(cls)),
        measured,
    ]
    return f"| {' | '.join(cells)} |"


def page(name: str, cls: type[Family], rows: Mapping[str, Any]) -> str:
    """Return the page of a family."""
    file = Path(inspect.getfile(cls)).name
    usual = ", ".join(f"`{field}` = {value!r}" for field, value in cls.usual.items()) or "nothing"
    losses = " and ".join(f"`{term}`" for term in cls.terms)
    facts = (
        f"- learns actions, and from {', '.join(learned(cls))} by the losses {losses}",
        f"- gives {tokens(name)} tokens to whoever acts (`nano`, two frames, {WORDS} words)",
        f"- differs from the others' sizes in {usual}",
    )
    sizes = [f"| `{p}` | {parameters(name, p) / 1e6:.2f} M |" for p in FAMILY_PRESETS]
    parts = [
        f"<!-- written by `{COMMAND}` -->",
        f"# `{name}`",
        f"{linked(cls.source)}. Code: `perception/families/{file}`.",
        described(cls),
        "\n".join(facts),
        "\n".join(["| preset | parameters |", "| --- | --- |", *sizes]),
        figures(name, rows),
    ]
    return "\n\n".join(parts) + "\n"


def described(cls: type[Family]) -> str:
    """Return a class's docstring as markdown: what is indented is a drawing."""
    text = inspect.cleandoc(cls.__doc__ or "").split("\n\nArgs:")[0]
    blocks = []
    for block in text.split("\n\n"):
        drawn = DRAWN.search(block) is not None
        blocks.append(f"```text\n{dedent(block)}\n```" if drawn else " ".join(block.split()))
    return "\n\n".join(blocks)


def figures(name: str, rows: Mapping[str, Any]) -> str:
    """Return what was measured of a family, or that nothing was."""
    if name not in rows:
        return "Not trained for the record yet."
    row = rows[name]
    told = [f"| {key} | {value} |" for key, value in row["table"].items()]
    return "\n".join(["| measured | |", "| --- | --- |", *told])


def learned(cls: type[Family]) -> list[str]:
    """Return the parts of a mixture that a family learns from, beside `act`."""
    return [f"`{part}`" for part in KINDS_OF if kinds_of(part, cls)]


def parameters(name: str, preset: str) -> int:
    """Return how many numbers a family's policy has."""
    with torch.device("meta"):
        config = FAMILY_PRESETS[preset](name, vocabulary=VOCABULARY)
        model = resolve_name(RUNNERS[config.model_type]).model_class(config)
    return sum(p.numel() for p in model.parameters())


def tokens(name: str) -> int:
    """Return how many tokens a family makes of two frames and a short instruction, at `nano`."""
    config = FAMILY_PRESETS["nano"](name, vocabulary=VOCABULARY)
    family = family_class(name)(config).eval()
    words = torch.full((1, WORDS + 1), VOCABULARY - 1)
    with torch.inference_mode():
        seen = family.prefix(torch.zeros(1, 2, 3, config.px, config.px), words)
    return seen.tokens.shape[1]


def linked(source: str) -> str:
    """Return a source with its arXiv number as a link."""
    return ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", source)


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(FamilyPagesConfig, use_underscores=True)))
