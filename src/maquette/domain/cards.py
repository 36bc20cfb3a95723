"""What a tool shows a person. Faces draw card kinds, never tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from maquette.domain.labels import Fact
from maquette.domain.messages import Image
from maquette.domain.reports import Report


class MarkdownCard(Fact):
    """Prose."""

    kind: Literal["markdown"] = "markdown"
    text: str


class CodeCard(Fact):
    """A piece of a file; `first_line` counts from 1."""

    kind: Literal["code"] = "code"
    path: str
    text: str
    first_line: int = 1


class DiffCard(Fact):
    """A unified diff with git's headers, and its size in lines."""

    kind: Literal["diff"] = "diff"
    diff: str
    added: int
    removed: int
    files: tuple[str, ...]


class TerminalCard(Fact):
    """A command and what it printed. `exit` is None while it runs or when it was killed."""

    kind: Literal["terminal"] = "terminal"
    command: str
    output: str
    exit: int | None = None
    seconds: float = 0
    file: str | None = None
    """Where the whole output is, when `output` is cut."""


class ImageCard(Fact):
    """A picture with what it shows."""

    kind: Literal["image"] = "image"
    image: Image
    alt: str


class TableCard(Fact):
    """Rows of text, each as long as `columns`."""

    kind: Literal["table"] = "table"
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ChartCard(Fact):
    """Numbers as bars, in their order. `unit` is said behind each."""

    kind: Literal["chart"] = "chart"
    title: str
    unit: str = ""
    bars: tuple[tuple[str, float], ...]


class PlanCard(Fact):
    """Steps in order."""

    kind: Literal["plan"] = "plan"
    steps: tuple[PlanStep, ...]


class PlanStep(Fact):
    """One step of a plan."""

    text: str
    state: Literal["open", "doing", "done", "dropped"] = "open"


class ReportCard(Fact):
    """A report: lines with their sources, and why each is in."""

    kind: Literal["report"] = "report"
    report: Report


class DraftCard(Fact):
    """The draft of an automation, as it was made; how it stands now, only the automation itself says."""

    kind: Literal["draft"] = "draft"
    automation: str
    name: str
    brief: str
    means: str


Card = Annotated[
    MarkdownCard
    | CodeCard
    | DiffCard
    | TerminalCard
    | ImageCard
    | TableCard
    | ChartCard
    | PlanCard
    | ReportCard
    | DraftCard,
    Field(discriminator="kind"),
]
