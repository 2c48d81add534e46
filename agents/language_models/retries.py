"""Asks a server until it answers: which faults are worth another try, when, and for how long.

The loop is ours because a library would not make it shorter. All tries share one deadline, which
each try is told; a wait that the server asks for and that goes beyond it ends the asking at once.
Written with tenacity 9.2 `Retrier.ask` passes the same tests in 26 lines for these 19, with a
dependency and 0.07 s of CPU at import; stamina 26 draws its jitter from the global generator.
"""

import email.utils
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np

from handeye.agents.language_models.language_model import LanguageModelError

Answer = TypeVar("Answer")
RETRIED_STATUSES = (408, 409, 425, 429)


class RetryPolicy(NamedTuple):
    """Retry limits for one request.

    Attributes:
        deadline_s: of one answer, all tries and waits together.
        attempt_s: of one try.
        attempts: at most.
        first_wait_s: before the second try; doubles with each, with a jitter of +-50 %.
        longest_wait_s: of one wait that the server did not ask for.
    """

    deadline_s: float = 180.0
    attempt_s: float = 90.0
    attempts: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0


class ServerFault(Exception):
    """One try that failed.

    Attributes:
        cause: what happened, for people; holds no secret.
        remedy: what to do about it.
        again: whether another try may succeed.
        wait_s: that the server asked for, 0 if it did not.
        status: HTTP status, 0 if there was none.
    """

    def __init__(
        self, cause: str, remedy: str, again: bool, wait_s: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.again = again
        self.wait_s = wait_s
        self.status = status


class Retrier:
    """Tries with exponential back-off until a deadline."""

    def __init__(self, retry_policy: RetryPolicy, rng: np.random.Generator) -> None:
        self.retry_policy = retry_policy
        self._rng = rng

    def ask(self, attempt: Callable[[float], Answer]) -> tuple[Answer, int, float]:
        """The answer, the number of failed tries before it, seconds of the try that succeeded.

        Args:
            attempt: seconds that it may take -> answer; raises `ServerFault`.

        Raises:
            ServerFault: the last one, its cause telling how often it was tried.
        """
        began = time.monotonic()
        for tried in range(1, self.retry_policy.attempts + 1):
            left_s = self.retry_policy.deadline_s - (time.monotonic() - began)
            started = time.monotonic()
            try:
                answer = attempt(max(0.001, min(left_s, self.retry_policy.attempt_s)))
                return answer, tried - 1, time.monotonic() - started
            except ServerFault as fault:
                wait_s = self._wait_s(tried, fault)
                left_s = self.retry_policy.deadline_s - (time.monotonic() - began)
                if fault.again and tried < self.retry_policy.attempts and wait_s < left_s:
                    time.sleep(wait_s)
                    continue
                if fault.again:
                    fault.cause += f" ({tried} tries in {time.monotonic() - began:.0f} s)"
                    if fault.wait_s >= left_s:
                        fault.cause += f"; it asks to wait {fault.wait_s:.0f} s"
                raise
        raise AssertionError("RetryPolicy.attempts must be positive")

    def _wait_s(self, tried: int, fault: ServerFault) -> float:
        grown_s = self.retry_policy.first_wait_s * 2.0 ** (tried - 1)
        wait_s = min(grown_s, self.retry_policy.longest_wait_s) * self._rng.uniform(0.5, 1.5)
        return max(wait_s, fault.wait_s)


def error_of(model_id: str, fault: ServerFault) -> LanguageModelError:
    """The fault as the one error that callers see."""
    return LanguageModelError(f"{model_id}: {fault.cause}; {fault.remedy}")


def fault_of_status(status: int, said: str, retry_after: str, key_variable: str) -> ServerFault:
    """Return what an HTTP status other than success means.

    Args:
        status: of the response.
        said: the server's words, without secrets.
        retry_after: that header's value, "" if absent.
        key_variable: environment variable that the key is read from.
    """
    cause = f"the server answered {status}" + (f": {said}" if said else "")
    if status in (401, 403):
        remedy = f"set {key_variable} in the environment to a key that this server accepts"
        return ServerFault(cause, remedy, again=False, status=status)
    if status == 429:
        remedy = "wait, ask less often, or check the quota of your account"
        return ServerFault(cause, remedy, True, _seconds(retry_after), status)
    if status in RETRIED_STATUSES or status >= 500:
        remedy = "look into the server's log, then run again"
        return ServerFault(cause, remedy, True, _seconds(retry_after), status)
    if status == 404:
        remedy = "check the address (it often ends in /v1) and the model's name"
        return ServerFault(cause, remedy, again=False, status=status)
    remedy = "the server does not take this request: check model, context length and abilities"
    return ServerFault(cause, remedy, again=False, status=status)


def _seconds(retry_after: str) -> float:
    """Seconds of a Retry-After header: a number or a date."""
    try:
        wait_s = float(retry_after)
    except ValueError:
        try:
            wait_s = email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, TypeError):
            return 0.0
    return wait_s if 0.0 < wait_s < 1e6 else 0.0
