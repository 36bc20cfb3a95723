"""What threads wait for: questions to answer, calls to approve."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import (
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    Event,
    QuestionAnswered,
    QuestionAsked,
    TurnResumed,
)
from maquette.domain.ids import new_id
from maquette.store.projections import waits
from maquette.store.projections.waits import Wait


async def listed(home: Home, thread: str | None = None) -> list[Wait]:
    """What waits for the person, of one thread or of all; the oldest first."""
    return await home.store.query(waits.open_waits, (await threads.find(home, thread)).id if thread else None)


async def answer(home: Home, thread: str, text: str, *, call: str | None = None) -> None:
    """Answer a thread's question; `call` says which when there are several.

    Refused: `no-question`, `which-question`, `empty-message`; `conflict` when somebody answered it meanwhile.
    """
    if not text.strip():
        raise Refused("An answer needs words.", code="empty-message")
    at = await threads.find(home, thread)
    asked = [w for w in await _asked(home, at.id, call) if isinstance(w, QuestionAsked)]
    if not asked:
        raise Refused("This thread asks nothing.", code="no-question")
    if len(asked) > 1:
        which = "; ".join(f"{w.call}: {w.question}" for w in asked)
        raise Refused(f"It asks several things. Say which with --call. {which}", code="which-question")
    await _decide(home, at.id, QuestionAnswered(turn=asked[0].turn, call=asked[0].call, text=text))


async def approve(
    home: Home,
    thread: str,
    *,
    call: str | None = None,
    digest: str | None = None,
    instead: Mapping[str, str] | None = None,
) -> None:
    """Let a call run, once, exactly as it was shown: `digest` is that of what the person saw. Or with what the person
    wrote `instead` of some of its arguments, which the agent hears.

    Refused: `no-approval`, `which-approval`, `other-than-shown`, `expired`, `unknown-argument`.
    """
    at, wait = await _approval(home, thread, call)
    if digest is not None and digest != wait.digest:
        raise Refused("What is to be done is no longer what you were shown. Look again.", code="other-than-shown")
    if unknown := {*(instead or ())} - {name for name, _ in wait.shown[2:]}:
        raise Refused(f"It has no {', '.join(sorted(unknown))} to be changed.", code="unknown-argument")
    if datetime.now(UTC) > wait.expires:
        await home.store.log.append(at, TurnResumed(turn=wait.turn, run=new_id("run")))
        home.engine.wake(at)
        raise Refused("This has expired, so it will be asked anew.", code="expired")
    await _decide(
        home, at, ApprovalGiven(turn=wait.turn, call=wait.call, digest=wait.digest, instead=dict(instead or {}))
    )


async def decline(home: Home, thread: str, *, call: str | None = None, reason: str = "") -> None:
    """Don't let a call run; the agent hears `reason`. Refused: as for `approve`."""
    at, wait = await _approval(home, thread, call)
    await _decide(home, at, ApprovalDeclined(turn=wait.turn, call=wait.call, digest=wait.digest, reason=reason))


async def _approval(home: Home, thread: str, call: str | None) -> tuple[str, ApprovalAsked]:
    at = (await threads.find(home, thread)).id
    asked = [w for w in await _asked(home, at, call) if isinstance(w, ApprovalAsked)]
    if not asked:
        raise Refused("This thread asks for no approval.", code="no-approval")
    if len(asked) > 1:
        raise Refused("It asks for several approvals. Say which with --call.", code="which-approval")
    return at, asked[0]


async def _asked(home: Home, thread: str, call: str | None) -> list[QuestionAsked | ApprovalAsked]:
    open_waits = await home.store.query(waits.open_waits, thread)
    return [wait.asked for wait in open_waits if call in (None, wait.asked.call)]


async def _decide(home: Home, thread: str, decision: QuestionAnswered | ApprovalGiven | ApprovalDeclined) -> None:
    events: list[Event] = [decision, TurnResumed(turn=decision.turn, run=new_id("run"))]
    await home.store.log.append(thread, *events)
    home.engine.wake(thread)
