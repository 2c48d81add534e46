"""The data card of vision-language examples: what is in them, how balanced, whose they are."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.vl_dataset import list_records, read_record
from handeye.experiments.records.markdown import markdown

MOST_ANSWERS = 12  # told of each matter
INTRODUCTION = """
Captions, questions, referring expressions, dialogues, narrations, plans, spoken instructions and
hard negatives about frames of simulated tables and apartments. All words are made by templates from
the simulator's state, so all answers are true of what the frame shows; no person, no crowd work and
no language model had a part in them. States and text are stored, not pictures: frames are drawn
when they are needed (`VlDataset.draw`). A thing counts as in view from 15 of 256 x 256 pixels at a
table and 30 of 128 x 128 in an apartment; nothing is asked that hangs on what shows fewer.
""".strip()


def vl_card(root: Path, facts: Mapping[str, Any], licence_of_parts: str) -> str:
    """Return the README of a folder.

    Args:
        root: the folder.
        facts: settings and provenance, licence included.
        licence_of_parts: a sentence on what in the frames others have made.
    """
    kinds: Counter[tuple[str, str]] = Counter()
    answers: dict[str, Counter[str]] = {}
    colours: Counter[str] = Counter()
    things: Counter[str] = Counter()
    episodes = 0
    for path in list_records(root):
        examples = read_record(path)
        episodes += 1
        for one in examples:
            kinds[one.kind, one.about] += 1
            if one.kind == "vqa":
                answers.setdefault(one.about, Counter())[one.answer] += 1
            colours.update(named(one, "colour"))
            things.update(named(one, "kind"))
    told = markdown(("", ""), [(name, str(value)) for name, value in facts.items()])
    by_kind = [(*key, str(count)) for key, count in sorted(kinds.items())]
    return f"""# Vision-language examples of handeye

{sum(kinds.values())} examples about {episodes} episodes of the suite `{facts["suite"]}`.

{INTRODUCTION}
{licence_of_parts}

{told}

## Examples by kind

{markdown(("kind", "about", "examples"), by_kind)}

## Answers of questions

Yes and no are equally often the answer of every matter; of the others see the shares.

{markdown(("about", "questions", "answers"), _shares(answers))}

## Things named

{markdown(("colour", "times named"), _told(colours))}

{markdown(("kind", "times named"), _told(things))}
"""


def named(example: VlExample, field: str) -> list[str]:
    """Return a field ("kind", "colour") of every thing that an example names."""
    seen = {thing.name: thing for thing in example.frames[-1].things}
    return [str(getattr(seen[name], field)) for name in example.bodies]


def _told(counts: Counter[str]) -> list[tuple[str, str]]:
    return [(name, str(count)) for name, count in sorted(counts.items())]


def _shares(answers: Mapping[str, Counter[str]]) -> Iterator[tuple[str, str, str]]:
    for about, counts in sorted(answers.items()):
        total = sum(counts.values())
        most = counts.most_common(MOST_ANSWERS)
        told = ", ".join(f"{answer} {count / total:.0%}" for answer, count in most)
        yield about, str(total), told
