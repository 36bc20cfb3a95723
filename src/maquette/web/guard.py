"""What is known of a request before anybody asks who sends it: whether it is meant for us, and comes from us."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response

from maquette.web.problems import problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})
"""Sec-Fetch-Site of what our pages ask, or a person by the address bar."""
KINDS = frozenset({"application/json", "application/x-www-form-urlencoded"})
RANGE = 200
"""Characters of a Range header: a few ranges."""
ON_EVERY_ANSWER = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""Unless the answer says otherwise itself."""


class Guard:
    """Of a base that listens at `port`."""

    def __init__(self, port: int) -> None:
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}

    def misdirected(self, headers: Headers) -> Response | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return problem(421, "other-host", "This base answers to 127.0.0.1 and localhost only.")
        return None

    def foreign(self, headers: Headers) -> bool:
        """Asked by a page of somebody else's, as the browser says itself."""
        origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
        return not (set(origins) <= {f"http://{headers['host']}"} & self._origins and set(sites) <= OWN)

    def unvouched(self, method: str, headers: Headers) -> bool:
        """By a browser that doesn't say from where, or, if it changes anything, not from a page of ours."""
        site = headers.get("sec-fetch-site")
        if headers.getlist("origin") or site == "same-origin":
            return False
        return method not in SAFE or site is None or headers.get("sec-fetch-mode") != "navigate"

    def misshapen(self, method: str, headers: Headers) -> Response | None:
        """Of a kind that a page could send anywhere without asking; or made to cost us more than it costs to send."""
        if len(headers.get("range", "")) > RANGE:
            return problem(416, "too-many-ranges", "Ask for fewer ranges at once.")
        bodied = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if method in SAFE or not bodied:
            return None
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return None if kind in KINDS else problem(415, "not-json", "Send JSON, as application/json.")
