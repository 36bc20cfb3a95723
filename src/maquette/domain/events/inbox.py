"""What a person did with what was in the inbox. Its stream is INBOX, so no thread is touched by it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.labels import PERSON, Label

INBOX = "inbox"


class _OfItem(EventFact):
    """`of`: what of the thread it is about, the call that asks or the turn that ended; what comes later is another."""

    label: Label = PERSON
    thread: str
    of: str


class ItemRead(_OfItem):
    """Somebody looked."""

    type: Literal["item.read"] = "item.read"


class ItemDone(_OfItem):
    """It needs nobody any more."""

    type: Literal["item.done"] = "item.done"


class ItemPutOff(_OfItem):
    """It is out of sight until then, and comes back unread."""

    type: Literal["item.put_off"] = "item.put_off"
    until: datetime


class ItemPutBack(_OfItem):
    """Neither done nor put off, after all."""

    type: Literal["item.put_back"] = "item.put_back"
