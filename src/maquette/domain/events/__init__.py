"""Everything that can happen, one family a file, and their union."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter

from maquette.domain.checks import Check
from maquette.domain.events.answers import AnswerFailed, AnswerGiven, AnswerInterrupted, AnswerStreamed, FellBack
from maquette.domain.events.attempts import (
    AttemptAdded,
    AttemptsFolded,
    AttemptShelved,
    AttemptStopped,
    EvidenceGathered,
    RiskClosed,
    StageMoved,
)
from maquette.domain.events.automations import (
    AutomationSet,
    AutomationSwitched,
    RunBegan,
    RunChecked,
    RunEnded,
    RunLooked,
    SlotSkipped,
    TermsGiven,
    TriggerLooked,
)
from maquette.domain.events.budgets import BudgetSet, LimitReached
from maquette.domain.events.calls import CallFinished, CallStarted, PlanSet
from maquette.domain.events.children import ChildAsked, ChildReported
from maquette.domain.events.compactions import Compacted, CompactionUndone
from maquette.domain.events.decisions import DecisionChanged, DecisionMade, DefinitionWritten
from maquette.domain.events.deliveries import DeliveryCame
from maquette.domain.events.explorations import ExplorationSet, ExplorationShelved, ExplorationStarted
from maquette.domain.events.fact import EventFact
from maquette.domain.events.horizons import AimDropped, AimHung, AimSet
from maquette.domain.events.inbox import ItemDone, ItemPutBack, ItemPutOff, ItemRead
from maquette.domain.events.interests import (
    ChangeOffered,
    InterestChanged,
    PlanAmended,
    PostsGathered,
    PostsRead,
    QuestionsPut,
    ReplyGiven,
    ReplyLeft,
    ReplyRead,
    ReportGiven,
)
from maquette.domain.events.messages import MessageChanged, MessageSent, MessageWithdrawn
from maquette.domain.events.projects import BabyMade, ProjectAdded, ProjectSet, ProjectTrusted
from maquette.domain.events.roles import RoleSet
from maquette.domain.events.shelves import ModelOffered, ShelfTried
from maquette.domain.events.sources import SourceAdded, SourceRead, SourceRemoved
from maquette.domain.events.threads import ThreadSet, ThreadStarted
from maquette.domain.events.trees import (
    ChecksRan,
    Merged,
    RescueKept,
    ResultKept,
    SetupRan,
    TreeMade,
    TreeRemade,
)
from maquette.domain.events.turns import (
    InstructionsGiven,
    StopAsked,
    TurnFinished,
    TurnParked,
    TurnQueued,
    TurnResumed,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.events.votes import JudgeAnswered, JudgeFailed, JudgingAsked, JudgingEnded, VoteCast
from maquette.domain.events.waits import (
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    QuestionAnswered,
    QuestionAsked,
)
from maquette.domain.labels import Fact

Event = Annotated[
    AimDropped
    | AimHung
    | AimSet
    | AnswerFailed
    | AnswerGiven
    | AnswerInterrupted
    | AnswerStreamed
    | ApprovalAsked
    | ApprovalDeclined
    | ApprovalGiven
    | AutomationSet
    | AutomationSwitched
    | BabyMade
    | BudgetSet
    | CallFinished
    | CallStarted
    | ChangeOffered
    | ChecksRan
    | ChildAsked
    | ChildReported
    | Compacted
    | CompactionUndone
    | DeliveryCame
    | FellBack
    | InstructionsGiven
    | InterestChanged
    | ItemDone
    | ItemPutBack
    | ItemPutOff
    | ItemRead
    | JudgeAnswered
    | JudgeFailed
    | JudgingAsked
    | JudgingEnded
    | LimitReached
    | Merged
    | MessageChanged
    | MessageSent
    | MessageWithdrawn
    | ModelOffered
    | PlanAmended
    | PlanSet
    | PostsGathered
    | PostsRead
    | ProjectAdded
    | ProjectSet
    | ProjectTrusted
    | QuestionAnswered
    | QuestionAsked
    | QuestionsPut
    | ReplyGiven
    | ReplyLeft
    | ReplyRead
    | ReportGiven
    | RescueKept
    | ResultKept
    | RoleSet
    | RunBegan
    | RunChecked
    | RunEnded
    | RunLooked
    | SetupRan
    | ShelfTried
    | SlotSkipped
    | SourceAdded
    | SourceRead
    | SourceRemoved
    | StopAsked
    | TermsGiven
    | ThreadSet
    | ThreadStarted
    | TreeMade
    | TreeRemade
    | TriggerLooked
    | TurnFinished
    | TurnParked
    | TurnQueued
    | TurnResumed
    | TurnStarted
    | TurnWaiting
    | AttemptAdded
    | AttemptShelved
    | AttemptStopped
    | EvidenceGathered
    | RiskClosed
    | StageMoved
    | DecisionChanged
    | DecisionMade
    | DefinitionWritten
    | AttemptsFolded
    | ExplorationSet
    | ExplorationShelved
    | ExplorationStarted
    | VoteCast,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads and writes any event as JSON."""


class Entry(Fact):
    """An event in its place: `cursor` grows over the whole log, `position` (from 1) within its stream."""

    cursor: int
    stream: str
    position: int
    at: datetime
    event: Event


__all__ = [
    "EVENT",
    "AimDropped",
    "AimHung",
    "AimSet",
    "AnswerFailed",
    "AnswerGiven",
    "AnswerInterrupted",
    "AnswerStreamed",
    "ApprovalAsked",
    "ApprovalDeclined",
    "ApprovalGiven",
    "AttemptAdded",
    "AttemptShelved",
    "AttemptStopped",
    "AttemptsFolded",
    "AutomationSet",
    "AutomationSwitched",
    "BabyMade",
    "BudgetSet",
    "CallFinished",
    "CallStarted",
    "ChangeOffered",
    "Check",
    "ChecksRan",
    "ChildAsked",
    "ChildReported",
    "Compacted",
    "CompactionUndone",
    "DecisionChanged",
    "DecisionMade",
    "DefinitionWritten",
    "DeliveryCame",
    "Entry",
    "Event",
    "EventFact",
    "EvidenceGathered",
    "ExplorationSet",
    "ExplorationShelved",
    "ExplorationStarted",
    "FellBack",
    "InstructionsGiven",
    "InterestChanged",
    "ItemDone",
    "ItemPutBack",
    "ItemPutOff",
    "ItemRead",
    "JudgeAnswered",
    "JudgeFailed",
    "JudgingAsked",
    "JudgingEnded",
    "LimitReached",
    "Merged",
    "MessageChanged",
    "MessageSent",
    "MessageWithdrawn",
    "ModelOffered",
    "PlanAmended",
    "PlanSet",
    "PostsGathered",
    "PostsRead",
    "ProjectAdded",
    "ProjectSet",
    "ProjectTrusted",
    "QuestionAnswered",
    "QuestionAsked",
    "QuestionsPut",
    "ReplyGiven",
    "ReplyLeft",
    "ReplyRead",
    "ReportGiven",
    "RescueKept",
    "ResultKept",
    "RiskClosed",
    "RoleSet",
    "RunBegan",
    "RunChecked",
    "RunEnded",
    "RunLooked",
    "SetupRan",
    "ShelfTried",
    "SlotSkipped",
    "SourceAdded",
    "SourceRead",
    "SourceRemoved",
    "StageMoved",
    "StopAsked",
    "TermsGiven",
    "ThreadSet",
    "ThreadStarted",
    "TreeMade",
    "TreeRemade",
    "TriggerLooked",
    "TurnFinished",
    "TurnParked",
    "TurnQueued",
    "TurnResumed",
    "TurnStarted",
    "TurnWaiting",
    "VoteCast",
]
