import numpy as np
import pytest

from handeye.agents.language_models.retries import (
    Retrier,
    RetryPolicy,
    ServerFault,
    error_of,
    fault_of_status,
)

QUICK = RetryPolicy(deadline_s=5.0, attempt_s=1.0, attempts=3, first_wait_s=0.001)


def asker(retry_policy: RetryPolicy = QUICK) -> Retrier:
    return Retrier(retry_policy, np.random.default_rng(0))


def test_a_passing_fault_is_borne() -> None:
    faults = [ServerFault("busy", "wait", again=True)] * 2

    def attempt(limit_s: float) -> str:
        assert 0 < limit_s <= 1.0
        if faults:
            raise faults.pop()
        return "yes"

    answer, retries, _ = asker().ask(attempt)
    assert (answer, retries) == ("yes", 2)


@pytest.mark.parametrize(("again", "tries"), [(True, 3), (False, 1)])
def test_tries_end(again: bool, tries: int) -> None:
    asked = []

    def attempt(limit_s: float) -> str:
        asked.append(limit_s)
        raise ServerFault("down", "look into its log", again=again)

    with pytest.raises(ServerFault) as caught:
        asker().ask(attempt)
    assert len(asked) == tries
    assert str(error_of("openai:x", caught.value)).startswith("openai:x: down")
    assert ("3 tries" in caught.value.cause) == again


def test_a_wait_beyond_the_deadline_is_not_waited() -> None:
    def attempt(limit_s: float) -> str:
        raise fault_of_status(429, "slow down", "3600", "KEY")

    with pytest.raises(ServerFault) as caught:
        asker().ask(attempt)
    assert "asks to wait 3600 s" in caught.value.cause


@pytest.mark.parametrize(
    ("status", "again", "remedy"),
    [
        (401, False, "set KEY"),
        (403, False, "set KEY"),
        (404, False, "/v1"),
        (400, False, "context length"),
        (408, True, "log"),
        (429, True, "quota"),
        (503, True, "log"),
    ],
)
def test_each_status_has_its_remedy(status: int, again: bool, remedy: str) -> None:
    fault = fault_of_status(status, "words", "", "KEY")
    assert fault.again is again
    assert remedy in fault.remedy
    assert f"answered {status}: words" in fault.cause


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("2.5", 2.5), ("", 0.0), ("soon", 0.0), ("-3", 0.0), ("1e9", 0.0), ("nan", 0.0)],
)
def test_only_sensible_waits_are_heeded(header: str, wait_s: float) -> None:
    assert fault_of_status(503, "", header, "KEY").wait_s == wait_s
