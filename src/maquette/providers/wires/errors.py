"""What a failed request means to us: the person can mend it, or trying again may help."""

from __future__ import annotations

import traceback
from typing import cast

import httpx2
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRequestRejectedError,
    UserError,
)

from maquette.domain.errors import MaquetteError, Refused, Unavailable
from maquette.providers.wires.addresses import causes, no_such_path, unreachable
from maquette.providers.wires.breaker import Busy
from maquette.providers.wires.endpoint import Endpoint

_AGAIN = frozenset({408, 409, 425, 429})
_TOO_LARGE = 413
_WORDS = 400
"""How much of a provider's own message is passed on."""


def explained(error: Exception, endpoint: Endpoint, model: str) -> tuple[MaquetteError, Exception | None]:
    """The error to raise instead, and its cause, but for a cause that holds a key.

    Whatever a server sends can break the SDK in any way, so an exception nobody foresaw counts as a broken answer.
    """
    ours = next((cause for cause in causes(error) if isinstance(cause, MaquetteError)), None)
    if ours is not None:
        return ours, None
    reason = unreachable(error, endpoint) or _explained(error, endpoint, model)
    reason.args = (_without_secrets(str(reason), endpoint),)
    told = "".join(traceback.format_exception(error))
    return reason, error if _without_secrets(told, endpoint) == told else None


def _explained(error: Exception, endpoint: Endpoint, model: str) -> MaquetteError:
    where = f"{model} at {endpoint.place}"
    if any(isinstance(cause, TimeoutError | httpx2.TimeoutException) for cause in causes(error)):
        return Unavailable(f"{where} did not answer in time.")
    if isinstance(error, ModelConnectionError):
        return Unavailable(f"{where} can't be reached: {_root(error)}.")
    if isinstance(error, ModelAPIError):
        return _api(error, where, endpoint)
    if isinstance(error, httpx2.TransportError | httpx2.StreamError):
        return Unavailable(f"The connection to {where} broke off: {error or type(error).__name__}.")
    if isinstance(error, UserError):
        return Refused(f"{where} can't be asked this way: {error}", code="bad-request")
    return Unavailable(f"{where} sent an answer that can't be read ({type(error).__name__}: {str(error)[:_WORDS]}).")


def _api(error: ModelAPIError, where: str, endpoint: Endpoint) -> MaquetteError:
    said = _said(error)
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    if isinstance(error, ModelContextWindowExceededError) or status == _TOO_LARGE or _overflows(said):
        return Refused(f"The thread is too long for {where}: {said}", code="context-overflow")
    if isinstance(error, ModelAuthenticationError):
        return Refused(f"{where} refused the key: {said} {endpoint.key_mend}", code="bad-key")
    if isinstance(error, ModelQuotaExceededError):
        return Refused(f"The account at {endpoint.place} has nothing left to spend: {said}", code="no-credit")
    if isinstance(error, ModelNotFoundError):
        unknown = Refused(f"There is no {where}: {said}", code="unknown-model")
        return no_such_path(error.body, said, endpoint) or unknown
    if isinstance(error, ModelRequestRejectedError) or (status is not None and status < 500 and status not in _AGAIN):
        return Refused(f"{where} refused the request: {said}", code="bad-request")
    kind = Busy if status in _AGAIN else Unavailable
    return kind(f"{where} is not available: {said}", retry_after=error.retry_after)


def _overflows(said: str) -> bool:
    """How servers say it that pydantic_ai doesn't know: llama.cpp and Ollama, LM Studio."""
    words = said.lower()
    return "context" in words and ("exceed" in words or "overflow" in words or "too long" in words)


def _root(error: Exception) -> str:
    """What the connection failed of, in the system's words."""
    return next((c.strerror for c in causes(error) if isinstance(c, OSError) and c.strerror), "no connection")


def _said(error: ModelAPIError) -> str:
    """The provider's own words, out of whatever its body is."""
    body: object = error.body
    for key in ("error", "message"):
        if isinstance(body, dict):
            body = cast("dict[str, object]", body).get(key, cast("object", body))
    words = body if isinstance(body, str) and body else error.message
    words = " ".join(words.split())[:_WORDS]
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _without_secrets(text: str, endpoint: Endpoint) -> str:
    for secret in endpoint.secrets.values():
        text = text.replace(secret, "…")
    return text
