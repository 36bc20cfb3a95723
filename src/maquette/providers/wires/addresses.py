"""An address that can't be right: nothing comes of trying it again, so the person hears of it at once."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

import httpx2

from maquette.domain.errors import Refused
from maquette.providers.wires.endpoint import Endpoint

_UNKNOWN = (socket.EAI_NONAME, socket.EAI_NODATA)
_FOUND = (HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_OF_THE_PATH = ("invalid url", "not found", "404", "unknown path", "no route", "unexpected endpoint")
"""How a server's words begin that mean the path of a request, and not its model."""


def misled(endpoint: Endpoint, why: str, mend: str) -> Refused:
    return Refused(
        f"{endpoint.leads} leads to {endpoint.place}, but {why}. {mend} {endpoint.address_mend}",
        code="bad-address",
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it."""
    yield error
    within = cast("BaseExceptionGroup", error).exceptions if isinstance(error, BaseExceptionGroup) else ()
    for cause in (*within, error.__cause__ or error.__context__):
        if cause is not None:
            yield from causes(cause)


def unreachable(error: Exception, endpoint: Endpoint) -> Refused | None:
    """Why no connection will ever be made, when that is sure. The vendor's own address is never in doubt."""
    if endpoint.at_home:
        return None
    for cause in causes(error):
        match cause:
            case socket.gaierror(errno=number) if number in _UNKNOWN:
                return misled(endpoint, f"no host is called {endpoint.host!r}", "Correct the address.")
            case ConnectionRefusedError() if endpoint.on_loopback:
                mend = "Start the server that should be there, or correct the address."
                return misled(endpoint, "nothing listens there", mend)
            case ssl.SSLCertVerificationError():
                why = f"its certificate is not trusted ({cause.verify_message})"
                return misled(endpoint, why, "Correct the address, or have this machine trust it.")
            case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "RECORD_LAYER_FAILURE" | "HTTP_REQUEST"):
                return misled(endpoint, "the server there does not speak https", "Begin the address with http://.")
            case _:
                pass
    return None


def check(response: httpx2.Response, endpoint: Endpoint) -> None:
    """Raises `Refused` when what answers can't be a model server: a web page, or one that sends on to elsewhere."""
    if endpoint.at_home:
        return
    mend = f"Correct the address{endpoint.hint}."
    if response.is_redirect:
        raise misled(endpoint, "the server there sends on to another address, which is not followed", mend)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html" and response.status_code in _FOUND:
        raise misled(endpoint, "a web page answers there and no model", mend)


def no_such_path(body: object, said: str, endpoint: Endpoint) -> Refused | None:
    """For status 404: whether the address is meant, and not the model. A server that knows the path complains of a
    model in the form of its wire.
    """
    fields = cast("dict[str, object]", body) if isinstance(body, dict) else {}
    inner = fields.get("error", fields)
    formed = isinstance(inner, dict) and "message" in inner and ("type" in inner or "code" in inner)
    if endpoint.at_home or (formed and not said.lower().startswith(_OF_THE_PATH)):
        return None
    return misled(
        endpoint, f"the server there knows no such path (404: {said})", f"Correct the address{endpoint.hint}."
    )
