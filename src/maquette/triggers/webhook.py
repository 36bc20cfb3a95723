"""A signed webhook: GitHub's, or that of the Standard Webhooks scheme. No body is parsed before that is seen."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from maquette.domain.errors import Refused
from maquette.domain.triggers import Heard
from maquette.kinds.triggers import Delivery
from maquette.triggers import bodies
from maquette.triggers import options as of

LARGEST = 25 << 20
"""What GitHub sends at most."""
TOLERANCE = 300
"""Seconds by which a signed time may be off, as the Standard Webhooks scheme says."""
SHORTEST = 16
"""Bytes of a secret."""
PREFIX = b"whsec_"
_EVENT = re.compile(r"[a-z][a-z_]{0,60}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


class Webhook:
    """`scheme`: `github` or `standard`; `events`: which of GitHub's, between commas (else all but its ping)."""

    name = "webhook"
    largest = LARGEST

    def means(self, options: Mapping[str, str]) -> str:
        of.checked(self.name, options, must=("scheme",), may=("events",))
        events = of.words(options, "events")
        match options["scheme"]:
            case "github":
                wrong = [event for event in events if not _EVENT.fullmatch(event)]
                if wrong:
                    raise Refused(
                        f"{wrong[0][:40]!r} is no event of GitHub's: they are like push, issues.", code="bad-trigger"
                    )
                return f"When GitHub tells of {', '.join(events)}" if events else "When GitHub tells of anything"
            case "standard":
                if events:
                    raise Refused("Only GitHub's webhooks name their event beside the body.", code="bad-trigger")
                return "When a signed webhook comes"
            case other:
                raise Refused(f"A webhook's scheme is github or standard, not {other[:40]!r}.", code="bad-trigger")

    def hear(self, options: Mapping[str, str], secret: bytes, delivery: Delivery, now: datetime) -> Heard | None:
        if len(delivery.body) > LARGEST:
            raise Refused(f"A webhook's body is {LARGEST >> 20} MB at most.", code="too-large")
        key = _key(secret)
        if options["scheme"] == "github":
            return self._from_github(of.words(options, "events"), key, delivery)
        return self._standard(key, delivery, now)

    def _from_github(self, events: tuple[str, ...], key: bytes, delivery: Delivery) -> Heard | None:
        """Only the body is signed: so it alone says whether this was heard before, and what of; no header can."""
        sent = delivery.headers.get("x-hub-signature-256", "")
        signed = hmac.new(key, delivery.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(sent.encode(errors="replace"), f"sha256={signed}".encode()):
            raise _unsigned()
        named = delivery.headers.get("x-github-event", "")
        event = bodies.event(delivery.body, named if _EVENT.fullmatch(named) else "")
        if event == "ping" or (events and event not in events):
            return None
        told = f"GitHub told of {event}." if event else "GitHub sent a webhook."
        key_of_it = f"github:{hashlib.sha256(delivery.body).hexdigest()}"
        return Heard(trigger=self.name, key=key_of_it, told=told, about={"scheme": "github", "event": event})

    def _standard(self, key: bytes, delivery: Delivery, now: datetime) -> Heard:
        id, stamp, sent = (delivery.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        if not _ID.fullmatch(id) or not re.fullmatch(r"[0-9]{1,12}", stamp):
            raise _unsigned()
        signed = hmac.new(key, f"{id}.{stamp}.".encode() + delivery.body, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(signed)
        if not any([hmac.compare_digest(one.encode(errors="replace"), expected) for one in sent.split(" ")[:16]]):
            raise _unsigned()
        if abs(now.astimezone(UTC).timestamp() - int(stamp)) > TOLERANCE:
            raise Refused(f"This webhook was signed more than {TOLERANCE} seconds from now.", code="stale")
        return Heard(
            trigger=self.name, key=f"standard:{id}", told="A signed webhook came.", about={"scheme": "standard"}
        )


def _key(secret: bytes) -> bytes:
    """What is signed with. Raises `Refused`: nothing counts as signed by a secret that can be guessed."""
    key = secret
    if secret.startswith(PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error as error:
            raise Refused("After whsec_ a secret is base64.", code="no-secret") from error
    if len(key) < SHORTEST:
        raise Refused(f"A webhook's secret has {SHORTEST} bytes or more.", code="no-secret")
    return key


def _unsigned() -> Refused:
    """One answer for whatever is wrong with a signature."""
    return Refused("This webhook isn't signed with the secret of the automation.", code="unsigned")


TRIGGER = Webhook()
