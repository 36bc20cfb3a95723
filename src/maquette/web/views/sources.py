"""Sources: what is read, what came of it, and what else could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import hooks, samples, sources
from maquette.actions.home import Home
from maquette.actions.hooks import Hook
from maquette.actions.sources import Kind, Listed
from maquette.domain.events import SourceRead
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import hooks as told_by
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.pieces import piece
from maquette.web.views.rail import rail
from maquette.web.views.streaming import of_room
from maquette.web.views.words import count, moment

router = routes.pages()

ROOM = "/sources"
KINDS = {
    "feed": ("Feed", "https://blog.example/feed.xml"),
    "git": ("Git", "/home/you/code/shop"),
    "github": ("GitHub", "/home/you/hooks"),
    "imap": ("IMAP", "imaps://anna@mail.example/INBOX"),
    "mbox": ("mbox", "/home/you/mail/list.mbox"),
    "notes": ("Notes", "/home/you/notes"),
    "slack": ("Slack", "/home/you/Downloads/export.zip"),
}
"""What those that are built in are called, and what an address of each is like."""
_SURE = "Remove it, with all that was read of it? At the source nothing changes."


@router.get(ROOM)
async def every(home: Here) -> HTMLResponse:
    kinds = sources.kinds(home)
    main = h.article(".sources")[
        h.h1["Sources"],
        h.p["What others write elsewhere, for reports to be made of. Nothing is read that you haven’t named here."],
        await _list(home),
        not await samples.has_messages(home) and _sample(),
        h.section[h.h2["Add one"], [_new(kind) for kind in kinds]],
    ]
    return page("Sources", await rail(home, ROOM), main, stream=f"{ROOM}/stream")


@router.get(f"{ROOM}/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    return of_room(home, pulse, "sources", lambda: _list(home))


async def _list(home: Home) -> h.Element:
    found = await sources.listed(home)
    known = {hook.of: hook for hook in await hooks.listed(home)}
    return h.div(id="sources", data_merges=True)[
        not found and h.p(id="sources-none", class_="empty")["Nothing is read yet."],
        h.ul(id="sources-all", class_="lines", data_merges=True)[
            (_one(one, known.get(one.source.id), home.reader.connectors[one.source.kind].wants_secret) for one in found)
        ],
    ]


def _one(one: Listed, hook: Hook | None, wants_secret: bool) -> h.Element:
    source = one.source
    to, id = f"/v1/sources/{source.id}", source.id
    options = [f"{name}: {value}" for name, value in source.options.items()]
    body = [
        h.div[h.b(dir="auto")[source.name], h.small[f"{source.kind}, {count(one.posts, 'post')}"]],
        h.p(".at")[h.code[source.at], options and f" ({', '.join(options)})"],
        h.p[_when(one)],
        one.came.error and h.p(".bad", role="status")[one.came.error],
        [h.p(".note")[f"Left out: {many:,} × {why}."] for why, many in one.came.left_out.items()],
        h.div(".acts")[
            h.form(data_api=f"{to}/read", data_tells="nothing")[
                h.button(aria_label=f"Read {source.name} now")["Read now"], h.output, told()
            ],
            h.form(data_api=f"{to}/remove", data_sure=_SURE)[
                h.button(".quiet", aria_label=f"Remove {source.name}")["Remove"], told()
            ],
        ],
        wants_secret and _password(to, source.name),
    ]
    return h.li(id=id, class_="source", data_merges=True)[
        piece(h.div, f"{id}-is", "", body),
        hook
        and h.details(id=f"{id}-hook", data_merges=True)[
            h.summary(id=f"{id}-hook-says")["Told by a webhook"], told_by.part(hook)
        ],
    ]


def _when(one: Listed) -> h.Node:
    if one.reading:
        return f"It is being read: {one.reading}."
    if one.read is None:
        return "It hasn’t been read yet."
    return ["Read ", moment(one.read), f": {_came(one.came)}."]


def _came(came: SourceRead) -> str:
    counts = {"new": came.new, "changed": came.changed, "gone": came.gone}
    return ", ".join(f"{many:,} {name}" for name, many in counts.items() if many) or "nothing new"


def _password(to: str, name: str) -> h.Element:
    return h.details[
        h.summary["Another password"],
        h.form(".say", data_api=f"{to}/secret", data_waits=f"password-{to}")[
            _secret(aria_label=f"The new password of {name}"), h.button["Keep it"], told()
        ],
    ]


def _secret(**more: str) -> h.VoidElement:
    return h.input(type="password", name="secret", required=True, autocomplete="off", spellcheck="false", **more)


def _sample() -> h.Element:
    return h.section[
        h.form(data_api="/v1/samples/messages", data_then=ROOM)[
            h.button["Add a sample to try it on"],
            h.p(".note")["Six weeks of a made-up company’s messages, put into ~/maquette-samples."],
            told(),
        ]
    ]


def _new(kind: Kind) -> h.Element:
    name, example = KINDS.get(kind.kind, (kind.kind, ""))
    return h.details[
        h.summary[name, h.small[kind.at]],
        h.form(".settings", data_api="/v1/sources", data_then=ROOM)[
            given("kind", kind.kind),
            h.label[
                "Where it is",
                h.input(name="at", required=True, autocomplete="off", placeholder=example),
            ],
            kind.wants_secret and h.label["Its password", _secret()],
            h.label["Call it (empty: as its address ends)", h.input(name="name", maxlength="100", autocomplete="off")],
            _options(kind.options),
            h.div(".acts")[h.button(".main")["Add it"]],
            told(),
        ],
    ]


def _options(options: Mapping[str, str]) -> Sequence[h.Element]:
    return [
        h.label[f"{name[0].upper()}{name[1:]}: {means}", h.input(name=f"options.{name}", autocomplete="off")]
        for name, means in options.items()
    ]
