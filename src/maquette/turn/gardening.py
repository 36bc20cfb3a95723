"""Ideas become runs of the automation that found them: each once, and none that the person has kept things from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from maquette.domain.automations import NOTHING, Cause, Terms
from maquette.domain.errors import Refused
from maquette.domain.events import RunBegan
from maquette.domain.gardening import SLOT, Idea, again, file_of, sort_of
from maquette.domain.ids import new_id
from maquette.domain.projects import Project
from maquette.domain.threads import Mode, title_of
from maquette.kinds.tools import Result
from maquette.store import Store
from maquette.store.gardening import Known, found_in, known_ideas
from maquette.store.projections import automations

AT_ONCE = 5
"""Ideas that wait for the person, or are at work: while there are so many, no more are begun. Nor is another about the
same file, since neighbours that go are no clean merge one after the other.
"""
TWICE = 2
"""Ideas of one kind about one file that were declined, after which no more of these are offered."""


@dataclass(frozen=True)
class Gardening:
    """Of one turn in one thread."""

    store: Store
    thread: str
    project: Project
    terms: Terms | None

    async def offered(self, ideas: Sequence[Idea]) -> Result:
        """All that are begun are begun at once, or none. Refused: `no-automation`, `no-checks`."""
        if self.terms is None:
            why = "Only an automation's run offers ideas: `maquette automations garden`. Answer with the report."
            raise Refused(why, code="no-automation")
        if not self.project.checks:
            raise Refused("The project has no checks, so nothing could be proved: set them first.", code="no-checks")
        run = await self.store.query(lambda conn: automations.receipts(conn, thread=self.thread, limit=1)[0])
        if run.slot.startswith(SLOT):
            raise Refused("This run makes one idea real; it offers none.", code="no-automation")
        known = await self.store.query(known_ideas, self.project.id, self.thread)
        fresh, words = _chosen(ideas, known)
        if not self.terms.dry and fresh:
            began = await self.store.query(automations.began, run)
            await self.store.log.append(self.terms.automation, *(_begun(began, idea, known) for idea in fresh))
        before = [idea for idea in ideas if idea.slot in known.own]  # a killed base had begun them
        return Result(_told([*before, *fresh], words, dry=self.terms.dry))


def _chosen(ideas: Sequence[Idea], known: Known) -> tuple[list[Idea], list[str]]:
    """Those to be begun, what saves most first; and why others aren't, in words."""
    kept = Counter(sort_of(slot) for slot in known.declined)
    words: list[str] = []
    fresh: list[Idea] = []
    for idea in sorted(ideas, key=lambda one: -one.lines):
        if idea.slot in known.declined:
            words.append(f"Not offered again, since you kept it: {idea.what}.")
        elif idea.slot in known.begun or idea in fresh:
            continue
        elif kept[idea.sort] >= TWICE:
            many = "twice" if kept[idea.sort] == TWICE else f"{kept[idea.sort]} times"
            words.append(f"Not offered, since you kept `{idea.file}` {many}: {idea.what}.")
        else:
            fresh.append(idea)
    taken = {file_of(slot) for slot in known.waiting}
    now: list[Idea] = []
    for idea in fresh:
        if idea.file not in taken and len(known.waiting) + len(now) < AT_ONCE:
            taken.add(idea.file)
            now.append(idea)
    if later := len(fresh) - len(now):
        words.append(f"For another night: {later}. At most {AT_ONCE} wait for you, and one a file.")
    return now, words


def _begun(found: RunBegan, idea: Idea, known: Known) -> RunBegan:
    """As the run that found it, under the same terms, but for the task."""
    assert found.started is not None
    title = title_of(f"{idea.what[0].upper()}{idea.what[1:]}")
    return found.model_copy(
        update={
            "cause": Cause.TRIGGER,
            "slot": again(idea.slot) if idea.slot in known.broken else idea.slot,
            "due": None,
            "told": found_in(found.thread),
            "thread": new_id("thread"),
            "turn": new_id("turn"),
            "started": found.started.model_copy(update={"title": title, "mode": Mode.WORKTREE}),
            "text": idea.task,
            "brought": "",
            "terms": found.terms.model_copy(update={"look": ""}),
        }
    )


def _told(offered: Sequence[Idea], words: Sequence[str], *, dry: bool) -> str:
    lines = sum(idea.lines for idea in offered)
    ideas = f"{len(offered)} idea{'' if len(offered) == 1 else 's'}, {lines} line{'' if lines == 1 else 's'}"
    means = (
        "would be tried" if dry else "each tried in a work tree of its own, and offered if the project's checks pass"
    )
    head = [f"{ideas}: {means}.", ""] if offered else []
    items = [f"- {idea.what} (saves {idea.lines})" for idea in offered]
    tail = ["", *words] if words else []
    return "\n".join([*head, *items, *tail, *([] if offered else ["", NOTHING])]).strip()
