"""A thread's sheet: what happened, folded into blocks that stay where they are and change in place.

Drawn whole for a page, and block by block for its stream, from the same events; so both are always alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import htpy as h
from markupsafe import Markup

from maquette.curation import babies
from maquette.domain import events as e
from maquette.domain.cards import ChartCard, DraftCard, ReportCard
from maquette.domain.events import Entry
from maquette.domain.messages import Call, Text, Thinking
from maquette.domain.threads import Outcome, Thread, ThreadState
from maquette.web.cards import draw
from maquette.web.cards.markdown import prose
from maquette.web.cards.plan import plan
from maquette.web.views import calls, compactions, handed, line, messages, replies, results, waits
from maquette.web.views.words import count

WINDOW = 400
"""Entries that a page shows at first, and that are read again before what changes is drawn; older ones come when asked
for.
"""
LIVE = "live"
"""The block in which text streams; drawn empty when its answer is whole."""
SLOT = calls.SLOT
CODE = "```"


@dataclass(frozen=True)
class Drawn:
    """A block: put in the place of the one with its id, or else at the end of `into`."""

    id: str
    html: Markup
    """SLOT in it is where blocks belong that come into this one. Nothing: the block goes."""
    into: str = "sheet"


@dataclass
class Turn:
    """What a turn came to, as far as it was read."""

    began: datetime | None = None
    answered: int = 0
    """The step of its last answer."""
    goes_on: bool = True
    """After that answer."""
    steered: int = 0
    """Position of the last that was said to it meanwhile."""
    spent: results.Spent = field(default_factory=results.Spent)
    reported: bool = False
    kept: e.ResultKept | None = None
    checks: e.ChecksRan | None = None

    @property
    def step(self) -> int:
        """The one at work; once nothing is asked of the model any more, the last."""
        return self.answered + self.goes_on


@dataclass
class Sheet:
    """Entries in, blocks out. `thread` is the id that forms go to; what lies before the entries is not known.

    `child`: what came of it is for another thread to take. `stands`: how all results of it do.
    """

    thread: str
    child: bool = False
    stands: results.Standing = field(default_factory=results.Standing)
    turns: dict[str, Turn] = field(default_factory=dict[str, Turn])
    _calls: dict[str, Call] = field(default_factory=dict[str, Call])
    _run: calls.Run | None = None
    """The one that goes on."""
    _runs: dict[str, calls.Run] = field(default_factory=dict[str, calls.Run])
    """Of each call that hasn't ended."""
    _handed: dict[str, e.ChildAsked] = field(default_factory=dict[str, e.ChildAsked])
    _asked: dict[str, e.QuestionAsked | e.ApprovalAsked] = field(default_factory=dict[str, Any])
    _line: dict[str, list[e.MessageSent]] = field(default_factory=dict[str, list[e.MessageSent]])
    """Messages of turns that have not begun, by turn."""
    _settle: Callable[[], Drawn] | None = None
    """Draws the last result anew, when nothing can be done with it any more."""

    def put(self, entries: Iterable[Entry]) -> list[Drawn]:
        """The blocks that these made or changed, in order."""
        drawn: list[Drawn] = []
        for entry in entries:
            folding = _FOLDS.get(type(entry.event))
            if folding is not None:
                drawn += folding(self, entry, entry.event)
        return drawn

    def whole(self, entries: Iterable[Entry]) -> list[Markup]:
        """The same, each block once and as it stands in the end, what belongs into another within that."""
        last: dict[str, Drawn] = {}
        for block in self.put(entries):
            last[block.id] = block
        within: dict[str, list[Drawn]] = {}
        for block in (block for block in last.values() if block.html):
            within.setdefault(block.into, []).append(block)
        return [
            block.html.replace(SLOT, Markup().join(inner.html for inner in within.get(block.id, ())), 1)
            for block in within.get("sheet", ())
        ]

    def going(self, at: Thread) -> Turn | None:
        """The turn at work."""
        return self.turns.get(at.turn) if at.turn and at.state is ThreadState.RUNNING else None

    def turn(self, name: str) -> Turn:
        return self.turns.setdefault(name, Turn())

    def message(self, entry: Entry, event: e.MessageSent) -> list[Drawn]:
        if not event.steers or event.turn in self._line:
            self._line.setdefault(event.turn, []).append(event)
            return [self._waiting(event)]
        turn = self.turn(event.turn)
        turn.steered, turn.goes_on = entry.position, True
        return [self._said(event)]

    def _said(self, event: e.MessageSent) -> Drawn:
        said = "You, meanwhile" if event.steers else "You"
        said = said if event.label.origin == "person" else "Its task"
        body = [event.text and messages.words(self.thread, event), messages.pictures(event.images)]
        self._run = None
        return _block(f"m-{event.id}", "you", said, body)

    def _waiting(self, event: e.MessageSent) -> Drawn:
        waits = line.waiting(self.thread, event.id, event.text, len(event.images))
        return Drawn(line.name(event.id), Markup(waits), line.LINE)

    def changed(self, entry: Entry, event: e.MessageChanged) -> list[Drawn]:
        waits = self._line.get(event.turn, [])
        waits[:] = [one.model_copy(update={"text": event.text}) if one.id == event.id else one for one in waits]
        return [self._waiting(one) for one in waits if one.id == event.id]

    def withdrawn(self, entry: Entry, event: e.MessageWithdrawn) -> list[Drawn]:
        waits = self._line.get(event.turn, [])
        waits[:] = [one for one in waits if one.id != event.id]
        return [Drawn(line.name(event.id), Markup(), line.LINE)]

    def unheard(self, became: Mapping[str, str | None]) -> list[Drawn]:
        """What was said for turns whose beginning isn't among the entries. `became`: other words, None: not this."""
        said = [(one, became.get(one.id, one.text)) for waits in self._line.values() for one in waits]
        return [self._said(one.model_copy(update={"text": text})) for one, text in said if text is not None]

    def expect(self, waits: Iterable[e.MessageSent]) -> None:
        """What waits in line, though it was said before the entries."""
        for one in waits:
            line = self._line.setdefault(one.turn, [])
            line += [one] if one.id not in [other.id for other in line] else []

    def answer(self, entry: Entry, event: e.AnswerGiven) -> list[Drawn]:
        turn = self.turn(event.turn)
        turn.spent.add(event)
        turn.answered, turn.goes_on = event.step, bool(event.answer.calls) or turn.steered > event.seen
        self._calls |= {call.id: call for call in event.answer.calls}
        self.stands = replace(self.stands, baby=self.stands.baby or any(map(babies.opens, event.answer.calls)))
        parts = event.answer.parts
        said = "".join(part.text for part in parts if isinstance(part, Text))
        if turn.reported and event.rules:  # the report stands above already
            said = said.partition("\n\n")[0]
        thought = "\n\n".join(part.text for part in parts if isinstance(part, Thinking) and part.text)
        name = f"a-{event.turn}-{event.step}"
        body = [
            thought and h.details(".thought")[h.summary["Reasoning"], prose(thought)],
            said.strip() and prose(said),
            event.cut and h.p(".note")["Broken off at the model's limit of length."],
        ]
        if not any(body):
            return [Drawn(LIVE, Markup())]
        if said.strip():
            self._run = None
        label = ["By rule" if event.rules else "Answer", said.strip() and calls.copies()]
        block = _block(name, "said", label, body, turns=bool(thought) or CODE in said)
        return [Drawn(LIVE, Markup()), block]

    def interrupted(self, entry: Entry, event: e.AnswerInterrupted) -> list[Drawn]:
        whys = {
            "stopped": "Broken off: you stopped it.",
            "failed": "Broken off.",
            "lost": "Broken off when the base went down; the model is asked again.",
        }
        body = [event.text.strip() and prose(event.text), h.p(".note")[whys[event.why]]]
        return [Drawn(LIVE, Markup()), _block(f"i-{entry.cursor}", "said", "Answer", body)]

    def failed(self, entry: Entry, event: e.AnswerFailed) -> list[Drawn]:
        again = f" Trying again in {event.wait:.0f} s." if event.wait is not None else ""
        return [Drawn(LIVE, Markup()), _note(f"f-{event.turn}-{event.step}", f"{event.reason}{again}", "trouble")]

    def fell_back(self, entry: Entry, event: e.FellBack) -> list[Drawn]:
        said = f"{event.model} didn’t answer; {event.to} went on with this turn."
        return [Drawn(LIVE, Markup()), _note(f"n-{entry.cursor}", said)]

    def call_started(self, entry: Entry, event: e.CallStarted) -> list[Drawn]:
        opened: list[Drawn] = []
        if self._run is None:
            self._run = calls.Run(f"r-{entry.cursor}")
            opened = [Drawn(self._run.id, Markup(self._run.drawn()))]
        self._run.start(event.call)
        self._runs[event.call] = self._run
        call = calls.begun(event, self._calls.get(event.call))
        return [*opened, self._summary(self._run), Drawn(f"c-{event.call}", Markup(call), self._run.id)]

    def call_finished(self, entry: Entry, event: e.CallFinished) -> list[Drawn]:
        call = calls.ended(event, self._calls.get(event.call))
        run = self._runs.pop(event.call, None)
        if run is None:
            shown = event.card is not None or event.status != "ok"  # else an answer or a plan, shown where it was given
            return [Drawn(f"c-{event.call}", Markup(call))] if shown else []
        run.end(event)
        drawn = [self._summary(run), Drawn(f"c-{event.call}", Markup(call), run.id)]
        if isinstance(event.card, ReportCard):
            self._run, self.turn(event.turn).reported = None, True
            drawn.append(_block(f"report-{event.call}", "said", "Report", [replies.report(self.thread, event.card)]))
        elif isinstance(event.card, ChartCard):
            self._run = None
            drawn.append(_block(f"chart-{event.call}", "said", "Chart", [draw(event.card)]))
        elif isinstance(event.card, DraftCard):
            drawn.append(_block(f"draft-{event.call}", "said", "Draft", [draw(event.card)]))
        return drawn

    def replied(self, entry: Entry, event: e.ReplyGiven) -> list[Drawn]:
        return [_block(f"n-{entry.cursor}", "you", "You, to the report", [replies.said(event)])]

    def taught(self, entry: Entry, event: replies.Heard) -> list[Drawn]:
        return [_block(f"n-{entry.cursor}", "said", "Reports", [replies.came(self.thread, event)])]

    def _summary(self, run: calls.Run) -> Drawn:
        return Drawn(f"{run.id}-says", Markup(run.says()), run.id)

    def plan(self, entry: Entry, event: e.PlanSet) -> list[Drawn]:
        return [_block(f"plan-{event.turn}", "steps", "Plan", [plan(event.steps)])]

    def asked(self, entry: Entry, event: e.QuestionAsked | e.ApprovalAsked) -> list[Drawn]:
        self._asked[event.call] = event
        turns = isinstance(event, e.ApprovalAsked) and event.runs
        body = waits.asked(self.thread, event, self._calls.get(event.call))
        asks = _block(f"w-{event.call}", "asks", "Asks you", [body], turns=turns)
        return [*self._undrawn(event.call), asks]

    def _undrawn(self, call: str) -> list[Drawn]:
        """It doesn't work on this call: it waits."""
        run, self._run = self._runs.pop(call, None), None
        if run is None:
            return []
        run.leave(call)
        return [Drawn(run.id, Markup())] if run.is_empty else [Drawn(f"c-{call}", Markup(), run.id), self._summary(run)]

    def handed(self, entry: Entry, event: e.ChildAsked) -> list[Drawn]:
        self._handed[event.call] = event
        return [*self._undrawn(event.call), _block(f"k-{event.call}", "work", "Handed on", [handed.asked(event)])]

    def reported(self, entry: Entry, event: e.ChildReported) -> list[Drawn]:
        asked = self._handed.pop(event.call, None)
        return [_block(f"k-{event.call}", "work", "Handed on", [handed.reported(asked, event)])]

    def decided(self, entry: Entry, event: e.QuestionAnswered | e.ApprovalGiven | e.ApprovalDeclined) -> list[Drawn]:
        asked = self._asked.pop(event.call, None)
        if isinstance(event, e.ApprovalGiven) and event.instead and (call := self._calls.get(event.call)):
            self._calls[event.call] = call.changed(event.instead)
        turns = isinstance(asked, e.ApprovalAsked) and asked.runs
        return [_block(f"w-{event.call}", "asked", "Asked you", [waits.decided(asked, event)], turns=turns)]

    def tree(self, entry: Entry, event: e.TreeMade) -> list[Drawn]:
        left = f" {count(event.left_out, 'uncommitted file')} of yours stayed out of it." if event.left_out else ""
        return [_note(f"n-{entry.cursor}", f"Works on a copy of its own.{left}")]

    def setup(self, entry: Entry, event: e.SetupRan) -> list[Drawn]:
        body = h.details[h.summary["Set up its copy"], results.checks(event.commands)]
        return [_block(f"n-{entry.cursor}", "work detail", "", [body])]

    def compacted(self, entry: Entry, event: e.Compacted) -> list[Drawn]:
        return [_block(f"n-{entry.cursor}", "work", "Room", [compactions.card(self.thread, event)])]

    def put_back(self, entry: Entry, event: e.CompactionUndone) -> list[Drawn]:
        return [_note(f"n-{entry.cursor}", "What was left out is said to the model again, if it fits.")]

    def looked(self, entry: Entry, event: e.RunLooked) -> list[Drawn]:
        said = "Looked first, and there is news." if event.news else "Looked first: nothing new, so no model was asked."
        return [_note(f"n-{entry.cursor}", said)]

    def proved(self, entry: Entry, event: e.RunChecked) -> list[Drawn]:
        kind = {True: "good", False: "trouble", None: ""}[event.met]
        return [_note(f"n-{entry.cursor}", f"Checked afterwards: {event.told}", kind)]

    def limit(self, entry: Entry, event: e.LimitReached) -> list[Drawn]:
        last = " The model is asked where it stands." if event.asks else ""
        return [_note(f"n-{entry.cursor}", f"{event.told}{last}", "trouble")]

    def kept(self, entry: Entry, event: e.ResultKept) -> list[Drawn]:
        self.turn(event.turn).kept = event
        return []

    def checked(self, entry: Entry, event: e.ChecksRan) -> list[Drawn]:
        self.turn(event.turn).checks = event
        return []

    def finished(self, entry: Entry, event: e.TurnFinished) -> list[Drawn]:
        if event.outcome is Outcome.WITHDRAWN:
            self._line.pop(event.turn, None)
            return []
        self._run = None
        self._asked = {call: asked for call, asked in self._asked.items() if asked.turn != event.turn}
        turn = self.turn(event.turn)
        turn.spent.end(turn.began, entry.at)
        own = entry.position if entry.stream == self.thread and not self.child else None  # not before it was forked

        def result(open: bool) -> Drawn:
            now = replace(self.stands, open=open, position=own)
            body = results.drawn(self.thread, event, turn.kept, turn.checks, turn.spent, now)
            turns = bool((turn.checks and turn.checks.checks) or (turn.kept and turn.kept.files))
            return _block(f"t-{event.turn}", f"result {event.outcome.value}", "Result", [body], turns=turns)

        settled = self._settled() if turn.kept and turn.kept.files else []
        if turn.kept and turn.kept.files:
            self._settle = lambda: result(open=False)
        return [Drawn(LIVE, Markup()), *settled, result(open=not self.child)]

    def _settled(self) -> list[Drawn]:
        settle, self._settle = self._settle, None
        return [settle()] if settle else []

    def started(self, entry: Entry, event: e.TurnStarted) -> list[Drawn]:
        turn = self.turn(event.turn)
        turn.began = turn.began or entry.at
        heard = self._line.pop(event.turn, [])
        return [*(Drawn(line.name(one.id), Markup(), line.LINE) for one in heard), *map(self._said, heard)]

    def merged(self, entry: Entry, event: e.Merged) -> list[Drawn]:
        return [
            *self._settled(),
            _note(f"n-{entry.cursor}", f"Merged into {event.into}, as {event.after[:10]}.", "good"),
        ]

    def rescued(self, entry: Entry, event: e.RescueKept) -> list[Drawn]:
        return [_note(f"n-{entry.cursor}", f"Put away, and kept at {event.ref}: {event.why}")]

    def remade(self, entry: Entry, event: e.TreeRemade) -> list[Drawn]:
        return [_note(f"n-{entry.cursor}", "Reopened: its copy is as it was.", "good")]


def _block(id: str, kind: str, label: h.Node, body: Sequence[h.Node], *, turns: bool = False) -> Drawn:
    """`turns`: it has another face."""
    head = h.h2(".label")[label, turns and calls.turns()]
    return Drawn(id, Markup(h.section(id=id, class_=f"block {kind}")[head, h.div(".body")[body]]))


def _note(id: str, text: str, kind: str = "") -> Drawn:
    return Drawn(id, Markup(h.p(id=id, class_=f"aside {kind}")[text]))


_Fold = Callable[[Sheet, Entry, Any], list[Drawn]]
_FOLDS: dict[type[e.EventFact], _Fold] = {
    e.LimitReached: Sheet.limit,
    e.MessageSent: Sheet.message,
    e.MessageChanged: Sheet.changed,
    e.MessageWithdrawn: Sheet.withdrawn,
    e.AnswerGiven: Sheet.answer,
    e.AnswerInterrupted: Sheet.interrupted,
    e.AnswerFailed: Sheet.failed,
    e.FellBack: Sheet.fell_back,
    e.CallStarted: Sheet.call_started,
    e.CallFinished: Sheet.call_finished,
    e.PlanSet: Sheet.plan,
    e.QuestionAsked: Sheet.asked,
    e.ApprovalAsked: Sheet.asked,
    e.QuestionAnswered: Sheet.decided,
    e.ApprovalGiven: Sheet.decided,
    e.ApprovalDeclined: Sheet.decided,
    e.ChildAsked: Sheet.handed,
    e.ChildReported: Sheet.reported,
    e.TreeMade: Sheet.tree,
    e.SetupRan: Sheet.setup,
    e.Compacted: Sheet.compacted,
    e.CompactionUndone: Sheet.put_back,
    e.ResultKept: Sheet.kept,
    e.ChecksRan: Sheet.checked,
    e.TurnStarted: Sheet.started,
    e.TurnFinished: Sheet.finished,
    e.Merged: Sheet.merged,
    e.RescueKept: Sheet.rescued,
    e.ReplyGiven: Sheet.replied,
    e.InterestChanged: Sheet.taught,
    e.ChangeOffered: Sheet.taught,
    e.QuestionsPut: Sheet.taught,
    e.ReplyLeft: Sheet.taught,
    e.TreeRemade: Sheet.remade,
    e.RunLooked: Sheet.looked,
    e.RunChecked: Sheet.proved,
}
