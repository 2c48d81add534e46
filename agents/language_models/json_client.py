"""JSON over HTTP to a server that may fail in any way: bounded in time and size, key kept secret.

Over httpx2: typed, maintained, and already here beneath transformers, so it costs nothing.
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from handeye.agents.core.strict_json import parse_json
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.language_models.retries import ServerFault, fault_of_status

MAX_BODY_BYTES = 4_000_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Secret:
    """A key that does not show itself in a repr, a log or a traceback."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """The key itself; for a request's header and nothing else."""
        return self._value

    def hide_in(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._value, "***") if self._value else text


def key_from(variable: str) -> Secret:
    """The key in an environment variable, empty if it is not set."""
    return Secret(os.environ.get(variable, "").strip())


class JsonClient:
    """Posts JSON, gets JSON; everything else is a `ServerFault`."""

    def __init__(self, base_url: str, key_variable: str) -> None:
        """Open no connection yet.

        Args:
            base_url: http or https, with the path that requests are relative to.
            key_variable: environment variable with the bearer key; none is sent if it is not set.

        Raises:
            LanguageModelError: the address is not such, or would send the key unprotected.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LanguageModelError(
                f"{base_url!r} is no address of a server; write http://host:port/v1"
            )
        if parts.username or parts.password or parts.query:
            raise LanguageModelError(
                f"the address of {parts.hostname} holds a password or a query, which records would "
                f"show; put the key into the environment variable {key_variable}"
            )
        self.base_url = base_url.rstrip("/")
        self.key_variable = key_variable
        self._key = key_from(key_variable)
        if self._key and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise LanguageModelError(
                f"{key_variable} would travel unencrypted to {self.base_url}; use https, or unset "
                "it if this server needs no key"
            )
        # Redirects are not followed: they could lead the key elsewhere.
        self._client = httpx2.Client(follow_redirects=False)

    def __repr__(self) -> str:
        return f"JsonServer({self.base_url!r})"

    def hide(self, text: str) -> str:
        """The text without the key."""
        return self._key.hide_in(text)

    def post(self, path: str, body: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        """The object that the server answers with.

        Args:
            path: beneath the base address.
            body: what to send.
            limit_s: seconds until it must have answered in full.

        Raises:
            ServerFault: it did not.
        """
        content = json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key.reveal()}"
        url = f"{self.base_url}/{path}"
        try:
            with self._client.stream(
                "POST", url, content=content, headers=headers, timeout=limit_s
            ) as response:
                text = _read(response, time.monotonic() + limit_s, self.base_url)
        except httpx2.TimeoutException:
            raise _too_slow(self.base_url, limit_s) from None
        except httpx2.ConnectError as error:
            cause = f"{self.base_url} does not take connections ({error})"
            raise ServerFault(cause, "start the server or mend the address", True) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            cause = f"the connection to {self.base_url} broke ({type(error).__name__}: {error})"
            raise ServerFault(
                self._key.hide_in(cause), "look into the server's log", True
            ) from None
        if not 200 <= response.status_code < 300:
            said = self._key.hide_in(_words_of(text))
            retry_after = response.headers.get("retry-after", "")
            raise fault_of_status(response.status_code, said, retry_after, self.key_variable)
        return _object_of(text, self.base_url)


def _read(response: httpx2.Response, until: float, base_url: str) -> bytes:
    """The whole body, within time and size."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            cause = f"{base_url} answered with more than {MAX_BODY_BYTES // 1_000_000} MB"
            raise ServerFault(cause, "is this the address of a language model?", again=False)
        if time.monotonic() > until:
            raise _too_slow(base_url, 0.0)
    return bytes(body)


def _too_slow(base_url: str, limit_s: float) -> ServerFault:
    within = f" within {limit_s:.3g} s" if limit_s else " in time"
    remedy = "is the model loaded? Give a longer deadline or a smaller model"
    return ServerFault(f"{base_url} did not answer{within}", remedy, again=True)


def _object_of(text: bytes, base_url: str) -> dict[str, Any]:
    try:
        value = parse_json(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        start = text[:80].decode("utf-8", "replace")
        cause = f"{base_url} answered with what is no JSON object: {start!r}"
        raise ServerFault(cause, "is this the address of a language model?", again=True)
    return value


def _words_of(text: bytes) -> str:
    """The message of an error body, at most 300 characters."""
    words = text[:2000].decode("utf-8", "replace")
    try:
        value = parse_json(text)
        error = value.get("error", value) if isinstance(value, dict) else value
        words = str(error.get("message", error)) if isinstance(error, dict) else str(error)
    except ValueError:
        pass
    return " ".join(words.split())[:300]
