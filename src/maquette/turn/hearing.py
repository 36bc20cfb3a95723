"""When what a person said was heard: by the same rule as the fold, for those who tell of a thread in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from maquette.domain.events import (
    AnswerGiven,
    AnswerInterrupted,
    Compacted,
    Entry,
    LimitReached,
    MessageChanged,
    MessageSent,
    MessageWithdrawn,
    TurnFinished,
    TurnStarted,
)

Heard = tuple[Sequence[Entry], Entry | None]


def heard(entries: Iterable[Entry]) -> Iterator[Heard]:
    """Each entry of a thread, behind the messages that came before it for the model, as they were said last.

    At the end, with None: what no request has carried yet.
    """
    line: dict[str, list[Entry]] = {}  # of turns that have not begun
    said: list[tuple[int, Entry]] = []
    turn: str | None = None
    for entry in entries:
        upto = 0
        match entry.event:
            case MessageSent() as event if event.turn == turn:
                said.append((entry.position, entry))
            case MessageSent() as event:
                line.setdefault(event.turn, []).append(entry)
            case MessageChanged() | MessageWithdrawn() as event:
                line[event.turn] = list(_mended(line.get(event.turn, []), event))
            case TurnStarted() as event if event.turn != turn:
                turn = event.turn
                said += [(entry.position, one) for one in line.pop(turn, [])]
            case AnswerInterrupted(why="lost"):  # asked for anew, by the same request
                pass
            case AnswerGiven() | AnswerInterrupted() | Compacted() as event:
                upto = event.seen
            case LimitReached(asks=asks) if asks:
                upto = entry.position
            case TurnFinished() as event:
                upto = entry.position
                line.pop(event.turn, None)
                turn = None if event.turn == turn else turn
            case _:
                pass
        yield [one for position, one in said if position <= upto], entry
        said = [(position, one) for position, one in said if position > upto]
    yield [*(one for _, one in said), *(one for waiting in line.values() for one in waiting)], None


def _mended(line: Sequence[Entry], event: MessageChanged | MessageWithdrawn) -> Iterator[Entry]:
    for entry in line:
        assert isinstance(entry.event, MessageSent)
        if entry.event.id != event.id:
            yield entry
        elif isinstance(event, MessageChanged):
            yield entry.model_copy(update={"event": entry.event.model_copy(update={"text": event.text})})
