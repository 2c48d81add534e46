from collections.abc import Mapping
from typing import Any

import pytest

from handeye.agents.core.planner import Done
from handeye.agents.core.tools import ToolResult
from handeye.agents.intents.intent import read_intent
from handeye.agents.intents.rooms_script import RoomsScript

HOME: Mapping[str, Mapping[str, int]] = {
    "kitchen": {"box": 2, "chair": 1},
    "study": {"box": 1, "desk": 1},
    "bedroom": {"bed": 1},
}


class Home:
    """An apartment of words: what tools tell of it; a place has to be explored for first."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.way: list[str] = []

    def __call__(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        target = str(arguments.get("target", arguments.get("words", "")))
        room = str(arguments.get("where", "")) or target.rpartition(" in the ")[2]
        if name == "explore":
            if not target:
                self.seen |= set(HOME)
                return ToolResult(True, "all", data={"rooms": list(HOME)})
            rooms = self._rooms(target)
            self.seen |= set(rooms)
            if not rooms:
                return ToolResult.failed("all that can be reached is explored", "explored")
            return ToolResult(True, "found", data={"objects": [{"room": r} for r in rooms]})
        if name == "go_back":
            self.way.append("start")
            return ToolResult(True, "back")
        if name == "ask_user":
            return ToolResult(True, "the user says: the red one", data={"user": "the red one"})
        if name == "count" and not arguments.get("where"):
            return ToolResult(
                True, "", data={"count": sum(h.get(target, 0) for h in HOME.values())}
            )
        if not self.seen & set(self._rooms(room or target)):
            return ToolResult.failed("it has not been seen yet", "not_seen")
        if name == "count":
            return ToolResult(True, "", data={"count": HOME[room].get(target, 0)})
        if name == "detect":
            return ToolResult(True, "", data={"handles": ["#1", "#2"]})
        self.way.append(target)
        return ToolResult(True, "there", data={"at": {"name": f"red {target.split()[-1]}"}})

    @staticmethod
    def _rooms(words: str) -> list[str]:
        if words.startswith("#"):
            return list(HOME)
        head = words.split(" in the ")[-1].removeprefix("red ")
        return [room for room, things in HOME.items() if head in (room, *things)]


def play(intent: str) -> tuple[Done, list[str]]:
    """Carry an intent out in the apartment; where it went."""
    home, script = Home(), RoomsScript(read_intent(intent)).run()
    try:
        asked = next(script)
        while True:
            asked = script.send(home(asked.name, asked.arguments))
    except StopIteration as end:
        return end.value, home.way


@pytest.mark.parametrize(
    ("intent", "way", "answer"),
    [
        ("go to [kitchen], [bed]", ["kitchen", "bed"], ""),
        ("go to [study]; go back", ["study", "start"], ""),
        ("repeat 2 times { go to [kitchen], [study] }", ["kitchen", "study"] * 2, ""),
        ("go to [all room]", ["kitchen", "study", "bedroom"], ""),
        ("go to [all box in kitchen]", ["kitchen", "#1", "#2"], ""),
        ("go to [room of desk]; go to [bedroom]", ["desk", "bedroom"], ""),
        ("ask [chair]; go to [it]", ["red chair"], ""),
        ("tell count [box in kitchen], [box in study]; go back", ["start"], "3"),
        ("tell count [box]", [], "3"),
        ("tell count [room]", [], "3"),
        ("tell where [desk]", [], "study"),
        ("tell colour [bed]", ["bed"], "red"),
        ("tell whether there is [bed in kitchen]", [], "no"),
        ("tell whether as many [chair in kitchen] as [desk in study]", [], "yes"),
        ("tell excess [box in kitchen] over [box in study]", [], "1"),
        ("tell most [box] of [study], [kitchen]", [], "kitchen"),
        ("tell which of [kitchen], [study] has [desk]", [], "study"),
        ("go to most [box] of [study], [kitchen]", ["kitchen"], ""),
        ("go to first of [kitchen], [study] with [desk]", ["study"], ""),
        ("if more than 2 [box in kitchen] { go to [kitchen] } else { go to [bed] }", ["bed"], ""),
    ],
)
def test_the_way_and_the_answer(intent: str, way: list[str], answer: str) -> None:
    assert play(intent) == (Done("success", answer), way)


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        ("go to [kitchen]; go to [garage]", "explored"),
        ("press [red button]", "has no arm"),
        ("go to first of [bedroom] with [desk]", "none of them has a desk"),
    ],
)
def test_what_is_not_there_cannot_be_done(intent: str, why: str) -> None:
    done, _ = play(intent)
    assert done.claim == "cannot"
    assert why in done.answer
