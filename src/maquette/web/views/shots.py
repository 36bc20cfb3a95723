"""What was seen of attempts: pictures and films, with the stage drawn over them."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from maquette.domain.explorations import Attempt, Frame
from maquette.domain.threads import Outcome, ThreadState


def address(attempt: Attempt, which: int = 0) -> str:
    """Of a picture. What it shows is named in it, so that a newer one is fetched."""
    shown = attempt.evidence.pictures[which].blob if attempt.evidence else ""
    at = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}/pictures/{which}"
    return f"{at}?of={shown[:12]}"


def small_address(attempt: Attempt) -> str:
    """Of the first picture's smaller one."""
    return f"{address(attempt)}&small=true"


def frame_address(attempt: Attempt, which: int, frame: Frame) -> str:
    return f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}/frames/{which}?of={frame.blob[:12]}"


def stands(attempt: Attempt) -> str:
    """In a word or two."""
    if attempt.shelved or attempt.stopped:
        return "on the shelf" if attempt.shelved else "stopped"
    if attempt.state is None:
        return "to begin"
    if attempt.state is not ThreadState.IDLE:
        words = {ThreadState.WAITING: "needs you", ThreadState.RUNNING: "at work", ThreadState.QUEUED: "in line"}
        return words[attempt.state]
    said = {Outcome.FAILED: "failed", Outcome.STOPPED: "stopped", Outcome.BUDGET: "out of budget"}
    if attempt.outcome is not None and attempt.outcome in said:
        return said[attempt.outcome]
    return "" if attempt.known else "being looked at" if attempt.result else "made nothing"


def stage(attempt: Attempt) -> h.Element:
    return h.span(class_=f"stage {attempt.stage.value}")[attempt.stage.value]


def picture(attempt: Attempt, which: int = 0, *, late: bool = True) -> h.Node:
    """With its stage drawn over it; where there is none, why."""
    shown = attempt.evidence.pictures if attempt.evidence else ()
    if which < len(shown) and shown[which].blob:
        one = shown[which]
        return h.span(class_=f"shot {attempt.stage.value}")[
            h.img(
                src=f"{address(attempt, which)}&small=true" if late else address(attempt, which),
                alt=f"Attempt {attempt.number}, {one.view}",
                width=str(one.width),
                height=str(one.height),
                loading="lazy" if late else None,
                decoding="async",
            ),
            stage(attempt),
        ]
    why = shown[which].why if which < len(shown) else stands(attempt) or "nothing to be seen"
    return h.span(class_=f"shot none {attempt.stage.value}")[h.span(".why")[why], stage(attempt)]


def films(attempts: Sequence[Attempt]) -> h.Node:
    """Of one attempt, or of several in step: a flip-book, a picture after each step."""
    reels = [(attempt, attempt.evidence.film if attempt.evidence else ()) for attempt in attempts]
    longest = max((film for _, film in reels), key=len, default=())
    if len(longest) < 2:
        return next((h.p(".note")[f"No film: {film[0].why}"] for _, film in reels if film and film[0].why), None)
    return h.Element("flip-book")(role="group", aria_label="Film")[
        h.div(".reels")[(_reel(attempt, film) for attempt, film in reels)],
        h.div(".row")[
            h.button(type="button", data_key="p", data_plays=True)[h.kbd["p"], " play"],
            h.input(type="range", min="0", max=str(len(longest) - 1), value="0", step="1", aria_label="Step"),
            h.output[_step(longest[0])],
        ],
        h.ol(hidden=True)[(h.li[_step(frame)] for frame in longest)],
    ]


def _step(frame: Frame) -> str:
    return frame.step or "as it begins"


def _reel(attempt: Attempt, film: Sequence[Frame]) -> h.Element:
    shown = [(which, frame) for which, frame in enumerate(film) if frame.blob]
    return h.figure(class_=f"shot {attempt.stage.value}", aria_label=f"Film of attempt {attempt.number}")[
        (
            h.img(
                src=frame_address(attempt, which, frame),
                alt=f"Attempt {attempt.number}, {_step(frame)}" + (f". {frame.why}" if frame.why else ""),
                width="480",
                height="300",
                data_frame=str(which),
                hidden=which > 0,
            )
            for which, frame in shown
        ),
        not shown and h.span(".why")["no film"],
        stage(attempt),
    ]
