"""The gate that agents have by default, and its limits as a file: JSON that anyone can edit.

{"keep_out": [{"name": "hand", "low": [0.6, -0.1, 0.0], "high": [0.8, 0.1, 0.3]}],
 "protected": ["red button"], "force_n": 60}
"""

import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from handeye.agents.core.strict_json import parse_json
from handeye.agents.safety.gate import KeepOut, Limits, Rule, SafetyGate
from handeye.agents.safety.hazard_words import HazardWords
from handeye.agents.safety.injection_guard import InjectionGuard
from handeye.agents.safety.utterance_kind import UtteranceRule

MOST = sys.float_info.max


def cautious_gate(limits: Limits | None = None) -> SafetyGate:
    """Limits, what kind of utterance it is, words that ask for harm, and whose words they are."""
    rules: dict[str, Rule] = {
        "kind": UtteranceRule(),
        "words": HazardWords(),
        "authority": InjectionGuard(),
    }
    return SafetyGate(limits, rules=rules)


def read_limits(path: Path) -> Limits:
    """Limits from a file; what it leaves out is as `Limits` has it.

    Raises:
        ValueError: it is not JSON, names an unknown limit, or a value is of a wrong kind or bounds
            nothing.
    """
    try:
        given = parse_json(path.read_text())
        if not isinstance(given, dict):
            raise ValueError("it must be an object")
        known = [field.name for field in fields(Limits)]
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise ValueError(f"there is no limit {unknown[0]!r}; known are {', '.join(known)}")
        limits = Limits(**{name: READERS[name](value) for name, value in given.items()})
        if not all(low < high for low, high in zip(limits.low_m, limits.high_m, strict=True)):
            raise ValueError(f"low_m {limits.low_m} must be below high_m {limits.high_m}")
        return limits
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} holds no limits: {error}") from error


def _numbers(value: Any) -> tuple[float, float, float]:
    x, y, z = (_number(number) for number in value)
    return x, y, z


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not abs(value) <= MOST:
        raise ValueError("a number that is not finite is no limit")
    return float(value)


def _positive(value: Any) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError(f"{value!r} is not above 0")
    return number


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"{value!r} is no list of words")
    return tuple(value)


def _zones(value: Any) -> tuple[KeepOut, ...]:
    return tuple(
        KeepOut(str(zone["name"]), _numbers(zone["low"]), _numbers(zone["high"])) for zone in value
    )


READERS: dict[str, Callable[[Any], Any]] = {
    "tools": _words,
    "low_m": _numbers,
    "high_m": _numbers,
    "keep_out": _zones,
    "protected": _words,
    "step_m": _positive,
    "speed_m_s": _positive,
    "force_n": _positive,
    "fixture_force_n": _positive,
    "fall_m": _positive,
}
