"""A page of a transcript begins with the verdict and the calls that failed."""

import re
from typing import Any

from handeye.agents.transcript import TranscriptRecord
from handeye.experiments.reports.transcript_page import render_page


def step(name: str, ok: bool, reason: str) -> dict[str, Any]:
    return {
        "call": {"name": name, "arguments": {"target": "<red> block"}, "id": "1"},
        "result": {"ok": ok, "reason": reason, "data": {}},
        "image": None,
        "usage": {"input_tokens": 3, "output_tokens": 4},
        "planned_s": 0.5,
        "steps": 2,
    }


def records(*steps: dict[str, Any], ended: bool = True) -> list[TranscriptRecord]:
    start = {"format": "", "instruction": "stack <b>it</b>", "planner": "react", "seed": 7}
    end = {
        "success": False, "done": {"claim": "success", "answer": ""}, "ended_by": "claim",
        "calls": 2, "failed_calls": 1, "mistakes": 0, "tokens": 7, "steps": 2, "wall_s": 1.0,
    }  # fmt: skip
    told = [("start", start), *(("step", one) for one in steps), *([("end", end)] * ended)]
    return [TranscriptRecord(number, kind, data) for number, (kind, data) in enumerate(told)]


def test_verdict_and_failed_calls_come_first() -> None:
    calls = records(step("pick", True, "it is held"), step("place_on", False, "it slipped"))
    page = render_page(calls, [None, None, None])
    assert page.index("not reached") < page.index("it slipped") < page.index("it is held")
    assert 'href="#call-2"' in page
    assert 'id="call-2"' in page
    assert "failed: it slipped" in page  # not told by colour alone
    assert "<b>it</b>" not in page
    assert "&lt;red&gt;" in page or "\\u003cred\\u003e" in page


def test_a_page_is_made_for_narrow_and_dark_screens_and_for_keys() -> None:
    page = render_page(records(step("pick", True, "it is held")), [None, None])
    for part in (
        'name="viewport"', "prefers-color-scheme:dark", "max-width:640px", ":focus-visible",
        'href="#calls"', 'id="calls"', '<html lang="en">',
    ):  # fmt: skip
        assert part in page, part
    assert "Calls that failed" not in page
    assert all("alt=" in picture for picture in re.findall(r"<img[^>]*>", page))


def test_a_run_that_was_killed_says_so() -> None:
    assert "broken off" in render_page(records(ended=False), [None])
