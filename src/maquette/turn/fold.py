"""The log is the journal: folding a thread's events gives the place where its work stands.

The same events give the same place, before a crash and after it. Nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from maquette.domain.automations import Terms
from maquette.domain.cards import PlanStep
from maquette.domain.events import (
    AnswerFailed,
    AnswerGiven,
    AnswerInterrupted,
    AnswerStreamed,
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    CallFinished,
    CallStarted,
    ChildAsked,
    ChildReported,
    Compacted,
    CompactionUndone,
    Entry,
    FellBack,
    InstructionsGiven,
    LimitReached,
    MessageChanged,
    MessageSent,
    MessageWithdrawn,
    PlanSet,
    PostsRead,
    QuestionAnswered,
    QuestionAsked,
    ResultKept,
    RunLooked,
    SetupRan,
    StopAsked,
    TermsGiven,
    ThreadSet,
    ThreadStarted,
    TreeMade,
    TreeRemade,
    TurnFinished,
    TurnQueued,
    TurnStarted,
)
from maquette.domain.labels import Label
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Message, Text
from maquette.turn.repeats import Repeats

INTERRUPTED = "[interrupted here by the person]"
SPACED = 8
"""Answers between two compactions from which on the thread is taken to get somewhere."""


@dataclass
class OpenCall:
    """A call that has no result yet."""

    call: Call
    started: CallStarted | None = None
    question: QuestionAsked | None = None
    answer: QuestionAnswered | None = None
    approval: ApprovalAsked | None = None
    decision: ApprovalGiven | ApprovalDeclined | None = None
    child: ChildAsked | None = None
    report: ChildReported | None = None

    def decide(self, decision: ApprovalGiven | ApprovalDeclined) -> None:
        """What the person changed is what the call asks for from then on."""
        self.decision = decision
        if isinstance(decision, ApprovalGiven) and decision.instead:
            self.call = self.call.changed(decision.instead)

    @property
    def waits(self) -> bool:
        """Whether only the person, or a child, can move it on."""
        if self.child is not None:
            return self.report is None
        if self.question is not None:
            return self.answer is None
        return self.approval is not None and self.decision is None


@dataclass
class Place:
    """Where a thread stands. `messages` is what the next request says, in order; between compactions it only grows."""

    started: ThreadStarted | None = None
    """Its budget is that which was set last."""
    position: int = 0
    model: str = ""
    stand_in: str = ""
    """The model that answers in the current turn instead of `model`, which doesn't."""
    instructions: str | None = None
    messages: list[Message] = field(default_factory=list[Message])
    turn: str | None = None
    """The turn being worked on; None between turns."""
    step: int = 0
    """Of the current turn: how many answers it has had."""
    ended: bool = False
    """The model came to an end in the current turn: its last answer asked for no tool."""
    last: AnswerGiven | None = None
    """The last answer of all."""
    streamed: list[AnswerStreamed] = field(default_factory=list[AnswerStreamed])
    """What was kept of an answer while it came; none once it is known what became of that."""
    stops: set[str] = field(default_factory=set[str])
    """Turns that the person asked to stop."""
    calls: dict[str, OpenCall] = field(default_factory=dict[str, OpenCall])
    plan: tuple[PlanStep, ...] = ()
    tree: TreeMade | None = None
    set_up: bool = False
    """The project's setup was run in the tree, and passed."""
    result: ResultKept | None = None
    base: str = "HEAD"
    """Where the thread's tree is to begin, when it has none yet."""
    carried: str | None = None
    """The commit whose files its tree is to begin with, when it was forked."""
    label: Label = field(default_factory=Label)
    """The worst that was read so far."""
    tokens: int = 0
    money: Decimal = Decimal(0)
    """Of the current turn, as far as prices are known."""
    seconds: float = 0
    """Of work on the current turn, up to its last answer."""
    given: dict[str, Terms] = field(default_factory=dict[str, Terms])
    """Under which turns run that nobody watches, by turn."""
    looked: RunLooked | None = None
    """What the current turn found before any model was asked."""
    limit: LimitReached | None = None
    """Why the current turn may spend no more."""
    counts: bool = False
    """The last answer tells how long a request is: nothing was left out or put back since, the model is the same."""
    failures: int = 0
    """Answers in a row, up to the last, of whose calls none came to anything."""
    compactions: int = 0
    """Of the current turn, since there were `SPACED` answers between two of them."""
    put_back: bool = False
    """What was left out shall be said again, and no request has yet shown whether it fits."""
    decided: list[OpenCall] = field(default_factory=list[OpenCall])
    """Calls on which the person decided, or which they answered."""
    children: int = 0
    """That the current turn has asked for."""
    reports: dict[str, ChildReported] = field(default_factory=dict[str, ChildReported])
    """Of all children there ever were, by child."""
    waiting: dict[str, list[MessageSent]] = field(default_factory=dict[str, list[MessageSent]])
    """Messages of turns that have not begun, by turn, in order."""
    finished: set[str] = field(default_factory=set[str])
    used: set[str] = field(default_factory=set[str])
    """Ids of all calls there ever were."""
    _said: list[tuple[int, MessageSent]] = field(default_factory=list[tuple[int, MessageSent]])
    _results: dict[str, FromTool] = field(default_factory=dict[str, FromTool])
    _order: tuple[str, ...] = ()
    _repeats: Repeats = field(default_factory=Repeats)
    _left: tuple[Compacted, list[Message], int] | None = None
    """The last compaction, the messages before it, and how many it left."""

    def take(self, entries: Iterable[Entry]) -> Place:
        """Fold more events in."""
        for entry in entries:
            self._one(entry)
            self.position = entry.position
        return self

    def hear(self) -> None:
        """What was said meanwhile becomes part of what the next request says."""
        self._hear(self.position)

    @property
    def stopping(self) -> bool:
        """Whether the person wants the current turn ended."""
        return self.turn in self.stops

    @property
    def used_up(self) -> bool:
        """Whether the current turn may spend no more, and the last answer that it was allowed is there."""
        return self.limit is not None and (not self.limit.asks or self.step > self.limit.step)

    @property
    def terms(self) -> Terms | None:
        """Of the current turn; None where the person began it."""
        return self.given.get(self.turn or "")

    @property
    def waits(self) -> bool:
        """Whether only the person, or children, can move the calls on."""
        return bool(self.calls) and all(call.waits for call in self.calls.values())

    @property
    def parked(self) -> bool:
        """Whether it is children alone."""
        return self.waits and all(call.child for call in self.calls.values())

    @property
    def unheard(self) -> bool:
        """Whether something was said that no request has carried."""
        return bool(self._said)

    def _hear(self, upto: int) -> None:
        for position, message in list(self._said):
            if position <= upto:
                self.messages.append(FromPerson(text=message.text, images=message.images))
                self._said.remove((position, message))

    def _one(self, entry: Entry) -> None:  # noqa: C901 - one arm an event, nothing else
        event = entry.event
        self.label = self.label.join(event.label)
        match event:
            case ThreadStarted():
                self._start(event)
            case ThreadSet():
                self.counts = self.counts and event.model in (None, self.model)
                self.model = event.model or self.model
                if event.budget is not None and self.started is not None:
                    self.started = self.started.model_copy(update={"budget": event.budget})
            case TermsGiven():
                self.given[event.turn] = event.terms
            case RunLooked():
                self.looked = event
                self._hear(0 if event.news else entry.position)
            case InstructionsGiven():
                self.instructions = event.text
            case MessageSent():
                if event.turn == self.turn:
                    self._said.append((entry.position, event))
                else:
                    self.waiting.setdefault(event.turn, []).append(event)
            case MessageChanged() | MessageWithdrawn():
                self._mend(event)
            case TurnQueued():
                self.waiting.setdefault(event.turn, [])
            case TurnStarted():
                self._begin(entry.position, event.turn)
            case AnswerGiven():
                self._answer(event)
            case PostsRead():
                self.tokens += event.usage.input + event.usage.output
                self.money += event.usage.price or 0
            case AnswerStreamed() if (event.turn, event.step) == (self.turn, self.step + 1):
                self.streamed.append(event)
            case AnswerFailed():
                self.streamed = []
            case FellBack():
                self.stand_in = event.to
            case AnswerInterrupted():
                self._interrupt(event)
            case Compacted():
                self._compact(event)
            case CompactionUndone() if self.undoes(event):
                self._put_back()
            case LimitReached():
                self._reach(entry.position, event)
            case CallStarted():
                self.calls[event.call].started = event
            case CallFinished():
                self._result(event)
            case QuestionAsked():
                self.calls[event.call].question = event
            case QuestionAnswered() if event.call in self.calls:
                self.calls[event.call].answer = event
            case ApprovalAsked():
                self.calls[event.call].approval = event
                self.calls[event.call].decision = None
            case ApprovalGiven() | ApprovalDeclined() if event.call in self.calls:
                self.calls[event.call].decide(event)
            case ChildAsked():
                self.calls[event.call].child = event
                self.children += 1
            case ChildReported():
                self._reported(event)
            case PlanSet():
                self.plan = event.steps
            case TreeMade():
                self.tree = event
            case TreeRemade():
                self.set_up = False
            case SetupRan():
                self.set_up = all(check.passed for check in event.commands)
            case ResultKept():
                self.result = event
            case StopAsked():
                self.stops.add(event.turn)
            case TurnFinished():
                self._end(entry.position, event.turn)
            case _:
                pass

    def undoes(self, event: CompactionUndone) -> bool:
        """Whether it names the last compaction, and that still holds."""
        return self._left is not None and (self._left[0].turn, self._left[0].step) == (event.turn, event.step)

    def _compact(self, event: Compacted) -> None:
        self._hear(event.seen)
        close = self._left is not None and event.turn == self._left[0].turn and event.step - self._left[0].step < SPACED
        self.compactions = self.compactions + 1 if close else 1
        before, self.messages = self.messages, event.applied(self.messages)
        self._repeats.forget()
        self._left, self.put_back, self.counts = (event, before, len(self.messages)), False, False

    def _put_back(self) -> None:
        assert self._left is not None
        _, before, left = self._left
        self.messages = [*before, *self.messages[left:]]
        self._left, self.put_back, self.counts, self.compactions = None, True, False, 0

    def _reach(self, position: int, event: LimitReached) -> None:
        self.limit = event
        if event.asks:
            self._hear(position)
            self.messages.append(FromPerson(text=event.asks, ours=True))

    def _start(self, event: ThreadStarted) -> None:
        """First of all, or, behind the past of the thread that this one was forked from, the fork."""
        self.base = event.base or (event.child_of and event.child_of.base) or self.base
        if event.forked_from and self.tree:
            self.base, self.carried = self.tree.base, self.result and self.result.commit
        self.started, self.model = event, event.model
        self.tree, self.set_up, self.result = None, False, None

    def _mend(self, event: MessageChanged | MessageWithdrawn) -> None:
        """Of what waits in line: said otherwise, or not at all."""
        line = self.waiting.get(event.turn, [])
        for index, message in enumerate(line):
            if message.id == event.id:
                changed = isinstance(event, MessageChanged)
                line[index : index + 1] = [message.model_copy(update={"text": event.text})] if changed else []
                return

    def _begin(self, position: int, turn: str) -> None:
        if self.turn != turn:
            self.turn, self.step, self.ended, self.streamed, self.stand_in = turn, 0, False, [], ""
            self.tokens, self.money, self.failures, self.compactions, self.children = 0, Decimal(0), 0, 0, 0
            self.seconds, self.limit, self.looked = 0.0, None, None
            self._said.extend((position, m) for m in self.waiting.pop(turn, []))

    def _end(self, position: int, turn: str) -> None:
        self._hear(position)
        self.waiting.pop(turn, None)
        self.finished.add(turn)
        if self.turn == turn:
            self.turn = None

    def _interrupt(self, event: AnswerInterrupted) -> None:
        self.streamed = []
        if event.why == "lost":  # asked for anew, by the same request
            return
        self._hear(event.seen)
        said = f"{event.text}\n{INTERRUPTED}" if event.text else INTERRUPTED
        self.messages.append(FromModel(parts=(Text(text=said),)))

    def _answer(self, event: AnswerGiven) -> None:
        self._hear(event.seen)
        self.put_back, self.counts = False, True
        self.messages.append(event.answer)
        self.step = event.step
        self.ended, self.last, self.streamed = not event.answer.calls, event, []
        self.tokens += event.usage.input + event.usage.output
        self.money += event.usage.price or 0
        self.seconds += event.worked
        calls = event.answer.calls
        self.calls = {call.id: OpenCall(call) for call in calls}
        self._order, self._results = tuple(self.calls), {}
        self.used.update(self.calls)

    def _reported(self, event: ChildReported) -> None:
        self.reports[event.child] = event
        if event.call in self.calls:
            self.calls[event.call].report = event
            self.tokens += event.tokens
            self.money += event.price

    def _result(self, event: CallFinished) -> None:
        open_call = self.calls.pop(event.call, None)
        if open_call is not None and (open_call.answer or open_call.decision):
            self.decided.append(open_call)
        self._results[event.call] = FromTool(
            call=event.call,
            name=event.name,
            text=event.text,
            images=event.images,
            error=event.status != "ok",
            lost=event.status == "unknown",
        )
        if not self.calls:
            failed = all(result.error for result in self._results.values())
            self.failures = self.failures + 1 if failed else 0
            asked = {call.id: call for call in self.last.answer.calls} if self.last else {}
            self.messages.extend(self._repeats.said(self._results[call], asked) for call in self._order)
            self._order, self._results = (), {}


def fold(entries: Iterable[Entry]) -> Place:
    """The place after these events of one thread, in order."""
    return Place().take(entries)
