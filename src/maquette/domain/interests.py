"""What a person cares about in what others say, as changes to it: each can be shown, told in a sentence and undone.

A *sign* is something that can be seen of a post: `person:ada`, `channel:random`, `source:mail`, `word:refund`,
`trait:incident`. Its second half is in small letters; a word stands for its plural as well.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from maquette.domain.labels import Fact

Sign = str
TRAITS = {
    "you": "it names you",
    "incident": "something is broken",
    "decision": "something was decided",
    "question": "a question that nobody has answered",
    "promise": "a promise that came due, and nothing came of it",
    "reactions": "many reacted",
    "talk": "many answered",
    "new": "it speaks of what wasn't spoken of before",
    "bot": "a program wrote it",
    "chatter": "it says next to nothing",
}
"""What `trait:` can be, in plain words."""
LEAST, MOST, USUAL = 1, 100, 12
"""Lines of a report."""


class Weighed(Fact):
    """Posts that bear all signs of `when`, and none of `unless`, count for so much more (or less, below zero)."""

    kind: Literal["weighed"] = "weighed"
    when: tuple[Sign, ...]
    unless: tuple[Sign, ...] = ()
    by: float


class Ruled(Fact):
    """Posts that bear all signs of `when`, and none of `unless`, are always in, or never. Always goes before never."""

    kind: Literal["ruled"] = "ruled"
    when: tuple[Sign, ...]
    unless: tuple[Sign, ...] = ()
    rule: Literal["always", "never"]


class Sized(Fact):
    """A report has at most so many lines from now on."""

    kind: Literal["sized"] = "sized"
    lines: int = Field(ge=LEAST, le=MOST)


class Named(Fact):
    """The person is called so, so that what names them is seen."""

    kind: Literal["named"] = "named"
    name: str


Change = Annotated[Weighed | Ruled | Sized | Named, Field(discriminator="kind")]
"""One change; a version of the interests is one or several, made for one reason."""


class Case(Fact):
    """A post that must be in the report of its day, or must not. `report`: which one that was."""

    post: str
    report: str
    wanted: bool


class Asked(Fact):
    """A question whose answer changes the report; `yes` and `no` are what then changes. `text` gives an example."""

    text: str
    yes: tuple[Change, ...]
    no: tuple[Change, ...]

    @property
    def about(self) -> str:
        """Without the example."""
        return f"{self.text.partition('?')[0]}?"

    def answered_by(self, change: Change) -> bool | None:
        """Whether with yes or no; None where that is about something else."""
        if not isinstance(change, Weighed) or not isinstance(yes := self.yes[0], Weighed) or change.when != yes.when:
            return None
        return change.by * yes.by > 0


class Way(Fact):
    """A way to go on with a change that would lose cases; those that it still loses."""

    sentence: str
    changes: tuple[Change, ...]
    loses: tuple[Case, ...] = ()
