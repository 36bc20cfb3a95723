"""The store of posts, in a file and in a database: nothing is lost or doubled, and what changed is followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maquette.domain import terms
from maquette.domain.posts import Glance, Gone, Mark, Post, Taken, utc
from maquette.kinds.connectors import Batch, Whole
from maquette.store import dialects
from maquette.store.lending import Lending
from maquette.store.moments import micros
from maquette.store.posts import END, START, Posts, reading

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def posts(place: Path | str) -> Iterator[Posts]:
    opened = Posts.beside(place)
    yield opened
    opened.close()


def post(key: str, text: str = "Hello", minute: int = 0, **more: object) -> Post:
    said = {"source": "shop", "channel": "general", "author": "Anna", "at": NOON + timedelta(minutes=minute)}
    return Post.model_validate({"id": f"shop:{key}", "text": text, **said, **more})


def take(posts: Posts, *told: Post | Gone, cursor: str = "1", whole: Whole | None = None) -> Taken:
    return posts.take("shop", Batch(told, cursor, [whole] if whole else ()))


def glances(posts: Posts) -> Sequence[Glance]:
    return list(posts.between(NOON, NOON + timedelta(days=1)))


def texts(posts: Posts) -> Sequence[str]:
    numbers = [glance.number for glance in glances(posts)]
    said = posts.texts(numbers)
    return [said[number] for number in numbers]


def test_what_is_taken_is_given_back_whole(posts: Posts) -> None:
    first = post(
        "1", "Who knows?\0", title="A question", link="https://shop.example/1", machine=True, to=("Ben", "Cem")
    )
    answer = post("2", "I do", 5, thread="shop:1", reactions={"tada": 2, "eyes": 1}, edited=NOON + timedelta(hours=1))
    assert take(posts, first, answer) == Taken(new=2)
    assert posts.find(["shop:1", "shop:2", "shop:3"]) == {
        "shop:1": first.model_copy(update={"text": "Who knows?\ufffd"}),
        "shop:2": answer,
    }
    asked, answered = glances(posts)
    assert (asked.thread, utc(asked.at), asked.reactions) == (answered.thread, NOON, 0)
    assert Mark(asked.marks) == Mark.ASKS | Mark.MACHINE
    assert Mark(answered.marks) == Mark.ANSWER | Mark.EDITED
    assert (answered.reactions, answered.length) == (3, 4)
    names = {author.number: author.name for author in posts.authors()}
    assert [names[number] for number in terms.unpacked(asked.to)] == ["Ben", "Cem"]
    assert set(terms.unpacked(asked.terms)) == {terms.term(word) for word in ("a", "question", "Who", "knows")} - {
        terms.term("a")
    }


def test_the_same_batch_again_changes_nothing(posts: Posts) -> None:
    batch = [post("1"), post("2", "Text", to=("Ben",), title="T", reactions={"+1": 1}, edited=NOON), post("1")]
    assert take(posts, *batch) == Taken(new=2)
    before = glances(posts)
    assert take(posts, *batch, cursor="2") == Taken()
    assert (glances(posts), posts.cursor("shop"), posts.count()) == (before, "2", 2)


def test_an_edited_post_keeps_its_number_and_its_place(posts: Posts) -> None:
    take(posts, post("1", "old words"), post("2", "others", 1))
    numbers = [glance.number for glance in glances(posts)]
    assert take(posts, post("1", "new words", edited=NOON + timedelta(hours=1))) == Taken(changed=1)
    assert [glance.number for glance in glances(posts)] == numbers
    assert texts(posts) == ["new words", "others"]
    assert [found.post.text for found in posts.search("words")] == ["new words"]
    assert posts.search("old") == []


def test_what_was_told_before_an_edit_does_not_undo_it(posts: Posts) -> None:
    new = post("1", "new", edited=NOON + timedelta(hours=1))
    take(posts, new)
    assert take(posts, post("1", "old"), cursor="2") == Taken()
    assert posts.find(["shop:1"]) == {"shop:1": new}


def test_what_is_gone_leaves_a_place_without_words(posts: Posts) -> None:
    take(posts, post("1", "secret plan"), post("2", "rest", 1))
    assert take(posts, Gone(id="shop:1"), Gone(id="shop:never")) == Taken(gone=1)
    assert take(posts, Gone(id="shop:1")) == Taken()
    lending = Lending(dialects.reading_engine(posts.where))
    with lending.connection() as conn:
        left = reading.between(conn, 0, 0, micros(NOON) + 1, 9)
    lending.close()
    assert [(Mark(glance.marks), glance.terms) for glance in left] == [(Mark.GONE, b"")]
    assert texts(posts) == ["rest"]
    assert (posts.search("secret"), posts.find(["shop:1"]), posts.count()) == ([], {}, 1)
    assert take(posts, post("1", "here again")) == Taken(changed=1)
    assert (texts(posts), posts.count()) == (["here again", "rest"], 2)


def test_what_a_whole_channel_no_longer_has_is_gone(posts: Posts) -> None:
    hour = timedelta(hours=1)
    take(posts, post("1"), post("2", minute=70), post("3", minute=80), post("4", channel="other", minute=75))
    whole = Whole("general", frozenset({"shop:2"}), NOON + hour, NOON + 2 * hour)
    assert take(posts, whole=whole) == Taken(gone=1)
    assert sorted(posts.find(f"shop:{n}" for n in range(5))) == ["shop:1", "shop:2", "shop:4"]


def test_channels_and_authors_are_counted(posts: Posts) -> None:
    take(posts, post("1"), post("2", author="Ben", channel="other", minute=5), post("3", minute=9, to=("Cem",)))
    take(posts, Gone(id="shop:1"))
    assert {(c.source, c.name, c.posts, utc(c.last)) for c in posts.channels()} == {
        ("shop", "general", 1, NOON + timedelta(minutes=9)),
        ("shop", "other", 1, NOON + timedelta(minutes=5)),
    }
    assert {(author.name, author.posts) for author in posts.authors()} == {("Anna", 1), ("Ben", 1), ("Cem", 0)}


def test_how_many_posts_had_a_word_is_known(posts: Posts) -> None:
    take(posts, post("1", "the printer, the PRINTER"), post("2", "a printér burns"))
    printer, burns, none = (terms.term(word) for word in ("printer", "burns", "none"))
    assert posts.frequencies([printer, burns, none]) == {printer: 2, burns: 1}


def test_a_search_finds_all_words_wherever_they_stand(posts: Posts) -> None:
    take(
        posts,
        post("1", "the invoice is wrong", title="Müller"),
        post("2", "wrong door"),
        post("3", "請求書が間違っています"),
    )
    assert [found.post.id for found in posts.search("muller wrong")] == ["shop:1"]
    assert [found.snippet for found in posts.search('"wrong do')] == []
    assert [found.snippet for found in posts.search("wrong doo")] == [f"{START}wrong{END} {START}door{END}"]
    assert [found.post.id for found in posts.search("請求")] == ["shop:3"]
    assert posts.search("(* OR") == posts.search('"') == []


def test_what_is_read_of_a_source_can_be_forgotten_and_no_number_is_given_twice(posts: Posts) -> None:
    take(posts, post("1"))
    posts.take("mail", Batch([Post.model_validate(post("x").model_dump() | {"id": "mail:x", "source": "mail"})], "m"))
    last = max(posts.numbers(["shop:1", "mail:x"]).values())
    posts.forget("mail")
    assert (posts.count(), posts.cursor("mail"), posts.cursor("shop"), posts.search("hello")[0].post.id) == (
        1,
        "",
        "1",
        "shop:1",
    )
    take(posts, post("2"))
    assert posts.numbers(["shop:2"])["shop:2"] > last


def test_a_batch_that_fails_leaves_nothing_behind(posts: Posts, monkeypatch: pytest.MonkeyPatch) -> None:
    take(posts, post("1"), cursor="one")
    with monkeypatch.context() as broken:
        broken.delattr("maquette.store.dialects.put_words")
        with pytest.raises(AttributeError):
            take(posts, post("2", channel="new", author="New"), cursor="two")
    assert (posts.cursor("shop"), posts.count(), len(posts.channels())) == ("one", 1, 1)
    assert take(posts, post("2", channel="new", author="New"), cursor="two") == Taken(new=1)
    assert {channel.name for channel in posts.channels()} == {"general", "new"}


def test_what_is_kept_is_there_when_it_is_opened_again(place: Path | str) -> None:
    for number in range(2):
        posts = Posts.beside(place)
        take(posts, post(str(number), author=f"Author {number}"), cursor=str(number))
        posts.close()
    posts = Posts.beside(place)
    assert (posts.count(), posts.cursor("shop"), len(posts.authors())) == (2, "1", 2)
    posts.close()


def test_two_who_write_to_one_database_agree_on_names(request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("server").database()
    one, other = Posts.beside(address), Posts.beside(address)
    take(one, post("1", author="Anna"))
    take(other, post("2", author="Ben", channel="b"))
    take(one, post("3", author="Cem", channel="c"), post("4", author="Ben", channel="b"))
    assert sorted((author.name, author.posts) for author in one.authors()) == [("Anna", 1), ("Ben", 2), ("Cem", 1)]
    assert other.count() == 4
    other.forget("shop")
    other.take("mail", Batch([post("5", author="Cem", channel="m").model_copy(update={"source": "mail"})], "m"))
    take(one, post("6", author="Ben", channel="b"))
    assert {(channel.source, channel.name, channel.posts) for channel in other.channels()} == {
        ("mail", "m", 1),
        ("shop", "b", 1),
    }
    assert sorted((author.name, author.posts) for author in one.authors()) == [("Anna", 0), ("Ben", 1), ("Cem", 1)]
    one.close()
    other.close()
