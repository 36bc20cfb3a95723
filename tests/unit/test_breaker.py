"""A server that doesn't answer is left alone for a while by all threads together; one tries again, then all do."""

from __future__ import annotations

import pytest

from maquette.domain.errors import Refused, Unavailable
from maquette.providers.wires import breaker
from maquette.providers.wires.breaker import CAP, FIRST, MANY, Breaker, Busy


class Server:
    """Asked through a breaker; time passes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.breaker = Breaker("openai")
        self.now = 1000.0
        self.asked = 0
        monkeypatch.setattr(breaker.time, "monotonic", lambda: self.now)

    def ask(self, error: BaseException | None = None, *, begun: bool = False) -> None:
        with self.breaker.asking():
            self.asked += 1
            if begun:
                self.breaker.heard(whole=False)
            if error is not None:
                raise error
            self.breaker.heard(whole=True)

    def fails(self, times: int = MANY, *, begun: bool = False) -> Unavailable:
        for _ in range(times - 1):
            self.fails(1, begun=begun)
        with pytest.raises(Unavailable) as caught:
            self.ask(Unavailable("No answer."), begun=begun)
        return caught.value


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


def test_f8_after_several_failures_in_a_row_nothing_is_sent_for_a_while(server: Server) -> None:
    told = server.fails()
    assert str(told).startswith("openai: not answering since ")
    assert str(told).endswith(". No answer.")
    assert told.retry_after == FIRST
    with pytest.raises(Unavailable, match="not answering since"):
        server.ask()
    assert server.asked == MANY
    assert server.breaker.told.endswith("tried again in 5 s")


def test_f8_an_answer_in_between_begins_the_count_anew(server: Server) -> None:
    server.fails(MANY - 1)
    server.ask()
    server.fails(MANY - 1)
    assert server.breaker.told == ""


def test_f8_one_tries_again_while_the_others_wait_and_its_answer_lets_all_ask(server: Server) -> None:
    server.fails()
    server.now += FIRST
    with server.breaker.asking():
        assert server.breaker.told.endswith("being tried again now")
        for _ in range(3):
            with pytest.raises(Unavailable):
                server.ask()
        assert server.asked == MANY
        server.breaker.heard(whole=False)
        server.ask()
    assert server.breaker.told == ""


def test_f8_each_try_that_fails_doubles_the_pause_up_to_a_cap(server: Server) -> None:
    server.fails()
    pauses = list[float]()
    for _ in range(6):
        server.now += CAP
        pauses.append(server.fails(1).retry_after or 0)
    assert pauses == [10, 20, 40, 60, 60, 60]


def test_f8_a_stopped_try_leaves_the_next_to_another(server: Server) -> None:
    server.fails()
    server.now += FIRST
    with pytest.raises(KeyboardInterrupt):
        server.ask(KeyboardInterrupt())
    server.ask()
    assert server.breaker.told == ""


@pytest.mark.parametrize("answer", [Busy("Later."), Refused("No.")])
def test_f8_a_server_that_says_no_answers(server: Server, answer: Exception) -> None:
    for _ in range(2 * MANY):
        with pytest.raises(type(answer)):
            server.ask(answer)
    assert server.breaker.told == ""


def test_f8_streams_that_begin_and_break_off_are_failures_in_a_row(server: Server) -> None:
    for _ in range(MANY):
        server.fails(1, begun=True)
    assert server.breaker.told
