"""What was said can be found again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maquette.domain.events import AnswerGiven, AnswerInterrupted, CallFinished, MessageSent, ThreadSet, ThreadStarted
from maquette.domain.messages import FromModel, Text, Thinking
from maquette.domain.threads import Mode
from maquette.store import Log, Store
from maquette.store.projections.messages import Found, search


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(place: Path | str, clock: Clock) -> Iterator[Store]:
    store = Store(Log.open(place, clock))
    yield store
    store.close()


def start(store: Store, thread: str, title: str) -> None:
    store.log.append_now(thread, ThreadStarted(project="p", title=title, mode=Mode.LOCAL, model="m"))


def say(store: Store, thread: str, text: str) -> None:
    store.log.append_now(thread, MessageSent(id=str(store.log.cursor()), turn="u", text=text))


def found(store: Store, query: str, limit: int = 20) -> list[Found]:
    return store.query_now(search, query, limit)


def test_f17_a_message_of_5_mb_that_holds_a_word_often_is_found_at_once(store: Store) -> None:
    start(store, "a", "words")
    say(store, "a", "before words and more, " * 220_000)
    begun = time.process_time()
    message, title = sorted(found(store, "words"), key=lambda one: one.who)
    assert (title.snippet, message.who) == ("\x02words\x03", "person")
    assert message.snippet.startswith("before \x02words\x03 and more, before")
    assert len(message.snippet) < 300
    assert time.process_time() - begun < 5


def where(store: Store, query: str) -> list[tuple[str, int]]:
    return sorted((one.thread, one.position) for one in found(store, query))


def test_the_person_the_model_and_titles_are_found_with_their_place(store: Store) -> None:
    start(store, "a", "Tokenizer trouble")
    say(store, "a", "Why does the parser choke on comments?")
    answer = FromModel(parts=(Thinking(text="secret thoughts"), Text(text="The tokenizer drops them.")))
    store.log.append_now("a", AnswerGiven(turn="u", step=1, seen=2, model="m", answer=answer))
    store.log.append_now(
        "a", AnswerInterrupted(turn="u", step=2, seen=2, model="m", text="It was the comm", why="stopped")
    )
    store.log.append_now("a", CallFinished(turn="u", call="c", name="shell", status="ok", text="parser output"))
    [one] = found(store, "choke")
    assert (one.thread, one.title, one.position, one.who) == ("a", "Tokenizer trouble", 2, "person")
    assert one.pieces == [("Why does the parser ", False), ("choke", True), (" on comments?", False)]
    assert [(one.who, one.position) for one in found(store, "tokenizer")] == [("title", 1), ("model", 3)]
    assert where(store, "comm") == [("a", 2), ("a", 4)]
    assert where(store, "output") == where(store, "secret") == []


def test_all_words_must_be_there_and_only_the_last_may_be_begun(store: Store) -> None:
    for text in ("the red house", "a red horse", "a blue house"):
        say(store, "a", text)
    assert where(store, "red hou") == [("a", 1)]
    assert where(store, "house red") == [("a", 1)]
    assert where(store, "hou red") == []
    assert where(store, "hou") == [("a", 1), ("a", 3)]
    assert where(store, "hou ") == []
    assert where(store, '"a red"') == [("a", 2)]
    assert where(store, '"red a"') == []
    assert where(store, '"a re') == []
    assert where(store, "RED-house") == [("a", 1)]


def test_accents_and_case_make_no_difference(store: Store) -> None:
    say(store, "a", "Die Übersetzung im Café")
    assert where(store, "ubersetzung cafe") == where(store, "ÜBERSETZUNG CAFÉ") == [("a", 1)]


def test_scripts_without_spaces_are_found_inside_a_sentence(store: Store) -> None:
    say(store, "a", "解析器が壊れています")
    say(store, "a", "100% of 解析器 is_fine")
    assert where(store, "壊れて") == [("a", 1)]
    assert [(one.position, one.pieces[1]) for one in found(store, "解析器")] == [
        (2, ("解析器", True)),
        (1, ("が壊れています", False)),
    ]
    assert where(store, "解析器 100%") == [("a", 2)]
    assert where(store, "解析%壊") == where(store, "解_器") == []


def test_a_new_title_is_found_and_the_old_one_no_more(store: Store) -> None:
    start(store, "a", "Tokenizer")
    store.log.append_now("a", ThreadSet(title="Scanner"))
    assert where(store, "tokenizer") == []
    assert [one.title for one in found(store, "scanner")] == ["Scanner"]


def test_the_better_match_comes_first_and_of_equals_the_newer(store: Store, clock: Clock) -> None:
    clock.now -= timedelta(days=300)
    say(store, "old", "merge the parser")
    clock.now += timedelta(days=299)
    say(store, "new", "merge the parser")
    say(store, "vague", "the parser was mentioned once" + ", far into a long text about other things" * 8)
    assert [one.thread for one in found(store, "parser")] == ["new", "old", "vague"]
    assert [one.thread for one in found(store, "parser", limit=2)] == ["new", "old"]


QUERIES = (
        "", "   ", '"', '""', '"""', "*", "a*", "*a", "NOT", "AND OR", "a NOT b", "NEAR(a b)", "text:a", "a:b", "^a",
        "a^2", "(", ")", "a)", "{a}", "-a", "a -b", "'; DROP TABLE messages; --", "\\", "%", "_", "\x00", "a\x00b",
        "\ud800", "a\ud800", "漢\x00字", "漢\ud800", "漢" * 100_000, "漢 " * 50_000, "\u202e", "🦀",
        "a" * 100_000, "a " * 50_000, '"a' * 1000,
)  # fmt: skip


def test_no_query_is_an_error(store: Store) -> None:
    say(store, "a", "a b c NOT 漢字 🦀")
    for query in QUERIES:
        assert len(found(store, query)) <= 1, query[:20]


@given(st.text(max_size=60) | st.text(alphabet="ab \"*()^:-+{}'\\漢", max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all_may_be_looked_for(store: Store, query: str) -> None:
    assert isinstance(found(store, query), list)


def test_marks_in_a_text_cannot_pass_for_ours(store: Store) -> None:
    say(store, "a", "not \x02found\x03 but sought")
    assert found(store, "sought")[0].pieces == [("not found but ", False), ("sought", True)]
