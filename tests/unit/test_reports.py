"""The funnel: what is let through, why each line is in, what a reply changes, and that nothing once taught is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maquette.curation.reports import funnel
from maquette.curation.reports.funnel import Ranked, Window, ranked
from maquette.curation.reports.interests import Interests, Taught, interests
from maquette.curation.reports.promises import due
from maquette.curation.reports.replay import Past
from maquette.curation.reports.replies import Judges, Missed, Teaches, Undoes, meant
from maquette.curation.reports.teaching import Found, Learned, Offers, Says, Teacher
from maquette.curation.reports.why import why, why_not
from maquette.domain.interests import Case, Change, Named, Ruled, Sized, Weighed
from maquette.domain.posts import Post
from maquette.kinds.connectors import Batch
from maquette.store.posts import Posts

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = Window(MONDAY, MONDAY + timedelta(days=1))
_TALK = ("the heating in the kitchen", "a walk by the river", "the printer on floor two", "a new plant for the hall")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Posts]:
    posts = Posts.beside(tmp_path / "maquette.db")
    yield posts
    posts.close()


def post(key: str, text: str, author: str = "Ada", channel: str = "support", hour: float = 9, **more: object) -> Post:
    at = MONDAY + timedelta(hours=hour)
    said = {"id": key, "source": "acme", "channel": channel, "author": author, "at": at, "text": text}
    return Post.model_validate({**said, "link": f"https://acme.example/{key}", **more})


def fill(shelf: Posts, *told: Post) -> None:
    """With talk around them, so that they are the exception."""
    talk = [
        post(f"talk-{n}", f"{_TALK[n % 4]} again, part {n} of it", f"Person {n % 7}", "random", 10 + n / 20)
        for n in range(80)
    ]
    shelf.take("acme", Batch([*told, *talk], "1"))


def taught(*changes: Change) -> Interests:
    return interests([Taught(1, "It is so.", "as I said", MONDAY, changes)])


def leads(of: Ranked) -> Sequence[str]:
    return [group.lead.post.id for group in of.report]


def rank(shelf: Posts, *changes: Change, also: Collection[str] = ()) -> Ranked:
    return ranked(shelf, DAY, taught(*changes), also=also)


def test_a_line_says_why_it_is_in_by_the_weights_that_put_it_there(shelf: Posts) -> None:
    fill(shelf, post("fire", "Incident: refunds fail in Spain", "Dora", reactions={"eyes": 9}))
    found = rank(shelf, Weighed(when=("word:refund",), by=2.0))
    lead = found.groups[0].lead
    assert lead.post.id == "fire"
    assert sum(part.worth for part in found.interests.parts(lead)) == pytest.approx(lead.score)
    said = why(lead, found.interests)
    assert said.startswith("about “refund” (you said “as I said”); something is broken")


def test_posts_that_say_the_same_are_one_line_and_counted(shelf: Posts) -> None:
    fill(shelf, *[post(f"d-{n}", f"Incident {n}: gateway crashed at node {n}", "pager", hour=n / 4) for n in range(42)])
    found = rank(shelf)
    (group,) = [group for group in found.groups if group.lead.post.author == "pager"]
    assert group.more == 41
    assert leads(found).count(group.lead.post.id) == 1


def test_a_thread_is_one_line(shelf: Posts) -> None:
    root = post("root", "Incident: the gateway is failing for all", "Dora")
    said = [
        post(f"a-{n}", f"I see {word} in the outage too", f"P{n}", hour=9.5, thread="root")
        for n, word in enumerate(("Spain", "Norway", "Chile", "Ghana", "Japan"))
    ]
    fill(shelf, root, *said)
    groups = [group for group in rank(shelf).groups if set(group.posts) & {"root", "a-3"}]
    assert [set(group.posts) for group in groups] == [{"root", *(one.id for one in said)}]


def test_always_goes_before_never_and_both_before_weights(shelf: Posts) -> None:
    fill(
        shelf,
        post("bot", "Incident: refunds crashed", "deploy-bot", machine=True),
        post("dull", "the minutes of the meeting are up", "Ada", "random"),
        post("loud", "We decided on refunds", "Ben", "random", reactions={"+1": 30}),
    )
    never_random, never_bots = (Ruled(when=(sign,), rule="never") for sign in ("channel:random", "trait:bot"))
    always = Ruled(when=("trait:incident",), rule="always")
    assert "bot" not in leads(rank(shelf, never_bots))
    found = rank(shelf, never_random, never_bots, always)
    assert leads(found) == ["bot"]
    assert why(found.groups[0].lead, found.interests).startswith("always in: something is broken (you said")


def test_an_exception_keeps_a_rule_off(shelf: Posts) -> None:
    fill(shelf, post("ada", "We decided on the date", "Ada", "random"), post("ben", "We agreed on it", "Ben", "random"))
    found = rank(shelf, Ruled(when=("channel:random",), unless=("person:ada",), rule="never"))
    assert leads(found)[:1] == ["ada"]
    assert "ben" not in leads(found)


def test_what_names_the_person_counts_and_what_they_wrote_does_not(shelf: Posts) -> None:
    fill(
        shelf,
        post("to", "Have a look at the second page", "Ben", to=("Ada Berg",)),
        post("mine", "Incident: all of it is broken", "Ada Berg"),
    )
    found = rank(shelf, Named(name="Ada Berg"))
    assert leads(found)[0] == "to"
    assert "mine" not in leads(found)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("I'll send the numbers by Friday", MONDAY + timedelta(days=4)),
        ("We will have the draft tomorrow", MONDAY + timedelta(days=1)),
        ("I will call them in two days", MONDAY + timedelta(days=2)),
        ("I'll see", None),
        ("they said it comes by Friday", None),
    ],
)
def test_a_promise_says_by_when(text: str, until: datetime | None) -> None:
    found = due(post("p", text))
    assert (found and found.date()) == (until and until.date())


def test_a_promise_that_came_due_and_of_which_nothing_came_is_in(shelf: Posts) -> None:
    fill(
        shelf,
        post("kept", "I'll send the budget numbers by Tuesday", "Ben"),
        post("broken", "I'll send the contract draft by Tuesday", "Cleo"),
        post("came", "Here are the budget numbers", "Ben", hour=20),
    )
    tuesday = Window(MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
    (group,) = ranked(shelf, tuesday, Interests()).report
    assert group.lead.post.id == "broken"
    assert "a promise that came due" in why(group.lead, Interests())


def test_only_the_question_that_nobody_answered_counts_as_one(shelf: Posts) -> None:
    fill(
        shelf,
        post("open", "Which vendor do we take for the scan?", "Ben"),
        post("shut", "Which lawyer reads the contract?", "Cleo"),
        post("answer", "Vera does", "Dora", hour=10, thread="shut"),
    )
    found = rank(shelf)
    assert {id for id in ("open", "shut") if "trait:question" in (found.sight(id) or found.groups[0].lead).signs} == {
        "open"
    }


def test_memory_holds_only_what_is_let_through(shelf: Posts) -> None:
    fill(shelf, post("fire", "Incident: refunds fail"))
    found = ranked(shelf, DAY, Interests(), most=10)
    assert found.read == 81
    assert sum(len(group.posts) for group in found.groups) == 10
    assert leads(found)[0] == "fire"


class Desk:
    """One day, its report, and what was taught about it."""

    def __init__(self, shelf: Posts, *before: Change) -> None:
        self.shelf, self.lessons, self.cases = shelf, list[Taught](), list[Case]()
        self.learn("At first.", before or (Sized(lines=3),))

    def learn(self, sentence: str, changes: tuple[Change, ...]) -> None:
        self.lessons.append(Taught(len(self.lessons) + 1, sentence, sentence, MONDAY, changes))

    @property
    def now(self) -> Ranked:
        return ranked(self.shelf, DAY, interests(self.lessons))

    def past(self) -> Past:
        return Past(
            interests(self.lessons),
            {"monday": DAY},
            self.cases,
            7,
            lambda window, of, also: ranked(self.shelf, window, of, also=also),
        )

    def teacher(self, offered: Offers | None = None) -> Teacher:
        def find(what: str) -> Sequence[Found]:
            return [Found(post.id, "monday") for post in self.shelf.find([what]).values()]

        ways = offered.ways if offered else ()
        return Teacher(interests(self.lessons), self.past(), "monday", leads(self.now), find, offered=ways)

    def hear(self, text: str, offered: Offers | None = None) -> object:
        came: object = None
        for one in meant(text, funnel.known(self.shelf), 12):
            came = self.teacher(offered).hear(one)
            if isinstance(came, Learned):
                if came.undoes:
                    self.lessons = [lesson for lesson in self.lessons if lesson.version != came.undoes]
                else:
                    self.learn(came.sentence, came.changes)
                self.cases += came.cases
        return came


def crowded(shelf: Posts) -> None:
    loud = [post(f"loud-{n}", f"We decided on {word}", "Ben") for n, word in enumerate(("a", "b", "c", "d", "e"))]
    words = ("pricing tiers", "vendor scans", "holiday dates", "desk plans", "launch dates")
    fill(
        shelf,
        *[one.model_copy(update={"text": f"We decided on {words[n]}"}) for n, one in enumerate(loud)],
        post("queue", "the refund queue has grown over the weekend", "Zeno", "claims"),
    )


def test_you_missed_that_says_why_it_was_left_out_and_it_is_caught_from_then_on(shelf: Posts) -> None:
    crowded(shelf)
    desk = Desk(shelf)
    assert not desk.now.has("queue")
    came = desk.hear("missed: queue")
    assert isinstance(came, Learned)
    assert "stood at place" in came.sentence
    assert came.cases == (Case(post="queue", report="monday", wanted=True),)
    assert desk.now.has("queue")
    assert not desk.past().red
    assert isinstance(desk.hear("missed: queue"), Says)
    assert isinstance(desk.hear("missed: nothing of that"), Says)


def test_a_change_that_loses_a_case_says_so_and_offers_to_keep_both(shelf: Posts) -> None:
    crowded(shelf)
    desk = Desk(shelf)
    desk.hear("missed: queue")
    taught_so_far = len(desk.lessons)
    offered = desk.hear("never in #claims")
    assert isinstance(offered, Offers)
    assert len(desk.lessons) == taught_so_far, "nothing is kept yet"
    assert "the refund queue has grown" in offered.sentence
    assert offered.broken == tuple(desk.cases)
    both, _as_said = offered.ways
    kept = desk.hear("keep both", offered)
    assert isinstance(kept, Learned)
    assert kept.changes == both.changes
    assert not desk.past().red
    assert desk.now.has("queue")


def test_a_change_that_crowds_a_case_out_raises_the_case_as_well(shelf: Posts) -> None:
    crowded(shelf)
    desk = Desk(shelf)
    desk.hear("missed: queue")
    offered = desk.hear("much more from Ben; much more from Ben")
    assert isinstance(offered, Offers)
    desk.hear("keep both", offered)
    assert not desk.past().red
    assert desk.now.has("queue")
    assert sum(id.startswith("loud") for id in leads(desk.now)) == 2


def test_what_teaches_are_words_of_some_channels_and_not_phrases_of_all(shelf: Posts) -> None:
    said = [
        post(f"{channel}-{word}", f"the {channel} numbers are attached, {word}", "Ada", channel)
        for channel in ("pricing", "hiring", "legal", "mobile", "search")
        for word in ("yesterday", "finally", "again", "tomorrow", "as said", "as ever")
    ]
    fill(shelf, *said)
    found = rank(shelf, Weighed(when=("word:number",), by=3.0))
    sight = found.sight("pricing-finally")
    assert sight is not None
    assert found.known.about(sight.words, 1) == ["pricing"]


def test_what_was_taught_before_explains_a_judgement_first(shelf: Posts) -> None:
    crowded(shelf)
    first = Desk(shelf).hear("missed: queue")
    desk = Desk(shelf, Sized(lines=3), Weighed(when=("person:zeno",), by=0.4))
    second = desk.hear("missed: queue")
    assert isinstance(first, Learned)
    assert isinstance(second, Learned)

    def share(of: Learned) -> float:
        by = {change.when[0]: change.by for change in of.changes if isinstance(change, Weighed)}
        return by["person:zeno"] / sum(by.values())

    assert share(second) > 1.2 * share(first)


def test_a_bad_line_is_no_line_of_that_day_any_more_and_like_ones_count_less(shelf: Posts) -> None:
    crowded(shelf)
    desk = Desk(shelf, Sized(lines=3), Weighed(when=("person:ben",), by=0.5))
    worst = leads(desk.now)[0]
    while worst in leads(desk.now) and len(desk.lessons) < 6:
        number = leads(desk.now).index(worst) + 1
        assert isinstance(desk.hear(f"bad {number}"), Learned)
    assert worst not in leads(desk.now)
    assert interests(desk.lessons).weights["person:ben"] < 0.5


def test_an_undone_change_leaves_no_trace(shelf: Posts) -> None:
    crowded(shelf)
    desk = Desk(shelf)
    before = interests(desk.lessons)
    desk.hear("less from Ben")
    assert interests(desk.lessons).weights != before.weights
    came = desk.teacher().hear(Undoes())
    assert isinstance(came, Learned)
    assert came.undoes == 2
    desk.hear("undo")
    assert interests(desk.lessons).weights == before.weights


def test_an_undo_that_loses_another_case_says_so(shelf: Posts) -> None:
    crowded(shelf)
    desk = Desk(shelf)
    desk.hear("missed: queue")
    desk.hear("much less from Ben")
    desk.cases.append(Case(post="loud-0", report="monday", wanted=False))
    came = desk.teacher().hear(Undoes(3))
    assert isinstance(came, Learned)
    assert "That loses what you taught besides:" in came.sentence
    assert "must not be in" in came.sentence


def test_a_change_tells_what_past_reports_would_have_gained_and_lost(shelf: Posts) -> None:
    crowded(shelf)
    came = Desk(shelf).hear("much more from Zeno")
    assert isinstance(came, Learned)
    (day,) = came.replayed.days
    assert [sight.post.id for sight in day.gained] == ["queue"]
    assert len(day.lost) == 1
    assert day.lost[0].post.author == "Ben"


def test_what_is_left_out_says_by_which_rule(shelf: Posts) -> None:
    crowded(shelf)
    found = rank(shelf, Ruled(when=("channel:claims",), rule="never"), also=["queue"])
    sight = found.sight("queue")
    assert sight is not None
    assert why_not(sight, found.interests) == "it is never to be in: in #claims (you said “as I said”)"


def test_what_cannot_be_done_says_so(shelf: Posts) -> None:
    crowded(shelf)
    teacher = Desk(shelf).teacher()
    for one in (Judges((9,), False), Missed("nothing at all"), Undoes(7)):
        assert isinstance(teacher.hear(one), Says)
    assert isinstance(teacher.hear(Teaches("So.", (Sized(lines=5),))), Learned)
