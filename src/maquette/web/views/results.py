"""What came of a turn: how it ended, the evidence, how large the change is, what it cost, and what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import htpy as h

from maquette.domain.events import AnswerGiven, Check, ChecksRan, ResultKept, TurnFinished
from maquette.domain.stages import Stage
from maquette.domain.threads import Outcome
from maquette.web.cards.terminal import plain
from maquette.web.views import made
from maquette.web.views.forms import given, told
from maquette.web.views.words import count, moment, price, span

_ENDED = {
    Outcome.DONE: "Came to its end",
    Outcome.FAILED: "Failed",
    Outcome.STOPPED: "Stopped",
    Outcome.BUDGET: "Out of budget",
    Outcome.WITHDRAWN: "Taken back",
}


@dataclass(frozen=True)
class Standing:
    """`open`: it is the last result, and was not merged. `baby`: what comes of it is taken as the baby version,
    never merged. `position`: where the thread may be forked.
    """

    open: bool = False
    baby: bool = False
    stage: Stage = Stage.SKETCH
    position: int | None = None


@dataclass
class Spent:
    """What the answers of a turn took. `seconds`: None when its beginning wasn't read."""

    seconds: float | None = None
    steps: int = 0
    price: Decimal = Decimal(0)
    unpriced: bool = False
    estimated: bool = False
    rules: bool = False
    ended: datetime | None = None

    def end(self, began: datetime | None, at: datetime) -> None:
        self.ended, self.seconds = at, (at - began).total_seconds() if began else None

    def add(self, event: AnswerGiven) -> None:
        self.steps += 1
        self.price += event.usage.price or 0
        self.unpriced |= event.usage.price is None and not event.rules
        self.estimated |= event.usage.estimated
        self.rules |= event.rules


def drawn(
    thread: str,
    event: TurnFinished,
    kept: ResultKept | None,
    ran: ChecksRan | None,
    spent: Spent,
    stands: Standing,
) -> h.Element:
    changed = kept is not None and bool(kept.files)
    facts = [_fact("Checks", _checked(ran)), *([_size(kept)] if kept and changed else []), _fact("Took", _took(spent))]
    return h.div[
        h.header[
            h.h3[_ENDED[event.outcome]],
            changed and _stage(stands.stage),
            spent.ended and h.small(".when")[moment(spent.ended)],
        ],
        event.reason and h.p(".reason")[event.reason],
        h.dl(".facts")[facts],
        ran and ran.checks and h.details(".detail")[h.summary["What the checks said"], checks(ran.checks)],
        kept and changed and made.late(thread, kept, open=stands.open),
        kept and changed and _difference(thread, kept),
        kept and kept.left_out and h.p(".note")[f"Not kept: {', '.join(kept.left_out)}."],
        stands.open and _acts(thread, event, kept, ran, baby=stands.baby),
        stands.position is not None
        and h.form(data_api=f"/v1/threads/{thread}/fork", data_then="/threads/{id}", data_command="fork")[
            given("at", stands.position), h.button(".quiet")["Fork from here"], told()
        ],
    ]


def _stage(stage: Stage) -> h.Element:
    why = "Nobody has looked at it yet. It starts as a sketch, however finished it looks."
    if stage is not Stage.SKETCH:
        why = "A person moved it there, once its risks were closed: see the attempt that it is."
    return h.span(class_=f"stage {stage.value}", title=why)[stage.value]


def _fact(name: str, said: h.Node) -> h.Element:
    return h.div[h.dt[name], h.dd[said]]


def _checked(ran: ChecksRan | None) -> h.Node:
    if ran is None or not ran.checks:
        return ran.why if ran and ran.why else "none ran"
    passed = sum(check.passed for check in ran.checks)
    kind = "good" if passed == len(ran.checks) else "bad"
    return h.span(class_=kind)[f"{passed} of {len(ran.checks)} passed"]


def _size(kept: ResultKept) -> h.Element:
    said = f"+{kept.added} −{kept.removed} lines in {count(len(kept.files), 'file')}"
    return _fact("Changes", [said, kept.in_place and ", in your folder already"])


def _took(spent: Spent) -> str:
    said = [count(spent.steps, "step"), span(spent.seconds) if spent.seconds is not None else ""]
    if spent.steps:  # else no answer came, and nobody knows of any cost
        about = "about " if spent.estimated and spent.price and not spent.unpriced else ""
        said += [about + price(None if spent.unpriced else spent.price, spent.rules)]
    return " · ".join(part for part in said if part)


def checks(ran: Sequence[Check]) -> h.Element:
    return h.div(".checks")[
        (
            h.details(open=not check.passed, class_="good" if check.passed else "bad")[
                h.summary[
                    h.code[plain(check.command)],
                    h.small[f"{'passed' if check.passed else f'exit {check.status}'} · {span(check.seconds)}"],
                ],
                h.pre(tabindex="0", role="group", aria_label="Output")[
                    plain(check.output).strip() or "It said nothing."
                ],
            ]
            for check in ran
        )
    ]


def _difference(thread: str, kept: ResultKept) -> h.Element:
    named = ", ".join(kept.files[:3]) + (f" and {len(kept.files) - 3} more" if len(kept.files) > 3 else "")
    return h.Element("load-late")(".detail", src=f"/threads/{thread}/difference?commit={kept.commit}")[
        h.details[h.summary["The changes: ", h.code[named]], h.p(".note")["Loading…"]]
    ]


def _acts(
    thread: str, event: TurnFinished, kept: ResultKept | None, ran: ChecksRan | None, *, baby: bool
) -> h.Element | None:
    to, put_away = f"/v1/threads/{thread}", f"/?away={thread}"
    failed = ran is not None and not all(check.passed for check in ran.checks)
    mergeable = kept is not None and kept.files and not kept.in_place
    go_on = event.outcome is not Outcome.DONE
    if not mergeable and not go_on:
        return None
    return h.div(".acts")[
        mergeable and baby and _taking(thread, failed=failed),
        mergeable
        and not baby
        and h.form(data_api=f"{to}/merge", data_command="merge")[
            failed and given("unchecked", True),
            h.button(class_="" if failed or go_on else "main")["Merge though checks failed" if failed else "Merge"],
            told(),
        ],
        go_on and h.form(data_api=f"{to}/resume", data_command="resume")[h.button(".main")["Go on"], told()],
        mergeable and h.button(type="button", data_focus="say")["Ask for changes"],
        mergeable
        and h.form(data_api=to, data_method="PATCH", data_then=put_away, data_command="keep")[
            given("archived", True),
            h.button["Keep for later"],
            told(),
        ],
        mergeable
        and h.form(
            data_api=f"{to}/discard",
            data_then=put_away,
            data_command="discard",
        )[h.button(".quiet")["Discard"], told()],
    ]


def _taking(thread: str, *, failed: bool) -> h.Element:
    """In place of a merge, which would cut the real project."""
    return h.form(data_api="/v1/babies/taken", data_then="/projects/{id}/baby", data_command="baby")[
        given("thread", thread),
        failed and given("unchecked", True),
        h.button(class_="" if failed else "main")[
            "Take as the baby version" + (" though checks failed" if failed else "")
        ],
        told(),
    ]
