"""What a failed request means to us: the person can mend it, or trying again may help."""

from __future__ import annotations

import traceback
from typing import cast

import httpx2
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRequestRejectedError,
    UserError,
)

from maquette.domain.errors import MaquetteError, Refused, Unavailable
from maquette.providers.wires.endpoint import Endpoint

_AGAIN = frozenset({408, 409, 425, 429})
_WORDS = 400
"""How much of a provider's own message is passed on."""


def explained(error: Exception, endpoint: Endpoint, model: str) -> tuple[MaquetteError, Exception | None]:
    """The error to raise instead, and its cause, but for a cause that holds a key.

    Whatever a server sends can break the SDK in any way, so an exception nobody foresaw counts as a broken answer.
    """
    if isinstance(error, MaquetteError):
        return error, None
    reason = _explained(error, endpoint, model)
    reason.args = (_without_secrets(str(reason), endpoint),)
    told = "".join(traceback.format_exception(error))
    return reason, error if _without_secrets(told, endpoint) == told else None


def _explained(error: Exception, endpoint: Endpoint, model: str) -> MaquetteError:
    where = f"{model} at {endpoint.place}"
    if isinstance(error, ModelAPIError):
        return _api(error, where, endpoint)
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return Unavailable(f"{where} did not answer in time.")
    if isinstance(error, httpx2.TransportError | httpx2.StreamError):
        return Unavailable(f"The connection to {where} broke off: {error or type(error).__name__}.")
    if isinstance(error, UserError):
        return Refused(f"{where} can't be asked this way: {error}", code="bad-request")
    return Unavailable(f"{where} sent an answer that can't be read ({type(error).__name__}: {str(error)[:_WORDS]}).")


def _api(error: ModelAPIError, where: str, endpoint: Endpoint) -> MaquetteError:
    said = _said(error)
    if isinstance(error, ModelContextWindowExceededError):
        return Refused(f"The thread is too long for {where}: {said}", code="context-overflow")
    if isinstance(error, ModelAuthenticationError):
        keys = " or ".join(endpoint.vendor.keys)
        return Refused(f"{where} refused the key: {said} Check {keys}.", code="bad-key")
    if isinstance(error, ModelQuotaExceededError):
        return Refused(f"The account at {endpoint.place} has nothing left to spend: {said}", code="no-credit")
    if isinstance(error, ModelNotFoundError):
        return Refused(f"There is no {where}: {said}", code="unknown-model")
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    if isinstance(error, ModelRequestRejectedError) or (status is not None and status < 500 and status not in _AGAIN):
        return Refused(f"{where} refused the request: {said}", code="bad-request")
    return Unavailable(f"{where} is not available: {said}", retry_after=error.retry_after)


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
