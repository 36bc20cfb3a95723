"""A thread's sheet: events in, blocks of a page out."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from typing import get_args

import htpy as h
import pytest

from maquette.approvals.shown import shown
from maquette.domain import events as e
from maquette.domain.cards import (
    Card,
    ChartCard,
    CodeCard,
    DiffCard,
    DraftCard,
    ImageCard,
    MarkdownCard,
    PlanCard,
    PlanStep,
    ReportCard,
    TableCard,
    TerminalCard,
)
from maquette.domain.interests import Sized
from maquette.domain.messages import Call, FromModel, Image, Text, Usage
from maquette.domain.reports import Cited, Line, Report
from maquette.domain.stages import Stage
from maquette.domain.threads import Outcome
from maquette.web.cards import draw
from maquette.web.cards.diff import files
from maquette.web.cards.terminal import plain
from maquette.web.views.line import LINE
from maquette.web.views.results import Standing
from maquette.web.views.sheet import Sheet

NOW = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)
THREAD = "thread_1"
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>"><a href="javascript:alert(3)">'


def entries(*events: e.EventFact) -> list[e.Entry]:
    return [
        e.Entry(cursor=number, stream=THREAD, position=number, at=NOW, event=event)  # pyright: ignore[reportArgumentType]
        for number, event in enumerate(events, 1)
    ]


def answer(step: int, *parts: Text | Call) -> e.AnswerGiven:
    return e.AnswerGiven(turn="t", step=step, seen=0, model="w:m", answer=FromModel(parts=parts), usage=Usage(input=5))


def call(id: str, command: str = "true") -> Call:
    return Call(id=id, name="shell", arguments=f'{{"command": "{command}"}}')


def began(id: str) -> e.CallStarted:
    return e.CallStarted(turn="t", call=id, name="shell", idempotent=False)


def ended(id: str, status: e.CallFinished | str = "ok", output: str = "") -> e.CallFinished:
    card = TerminalCard(command="true", output=output, exit=0)
    return e.CallFinished(turn="t", call=id, name="shell", status=status, text=output, card=card, seconds=1)  # pyright: ignore[reportArgumentType]


KEPT = e.ResultKept(turn="t", commit="c0ffee", files=("a.py",), added=1, removed=2)
CHECKED = e.ChecksRan(turn="t", commit="c0ffee", checks=(e.Check(command="pytest", status=0, seconds=1, output="ok"),))
DONE = e.TurnFinished(turn="t", outcome=Outcome.DONE)
WHOLE = (
    e.MessageSent(id="m", turn="t", text="do it"),
    e.TurnStarted(turn="t", run="r", epoch=1),
    answer(0, Text(text="First I look."), call("c1"), call("c2")),
    began("c1"),
    began("c2"),
    ended("c2"),
    ended("c1", "error"),
    answer(1, call("c3")),
    began("c3"),
    e.QuestionAsked(turn="t", call="c3", question="Which?", choices=("this", "that")),
    e.QuestionAnswered(turn="t", call="c3", text="this"),
    e.CallFinished(turn="t", call="c3", name="ask", status="ok", text="this"),
    e.PlanSet(turn="t", steps=(PlanStep(text="one", state="done"),)),
    answer(2, Text(text="Done.")),
    KEPT,
    CHECKED,
    DONE,
)


def page(*events: e.EventFact) -> str:
    return "".join(Sheet(THREAD).whole(entries(*events)))


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.parametrize("upto", range(1, len(WHOLE) + 1))
def test_a_page_drawn_whole_and_one_that_was_open_all_along_show_the_same(upto: int) -> None:
    past = entries(*WHOLE[:upto])
    whole = Sheet(THREAD).whole(past)
    live = Sheet(THREAD)
    shown: dict[str, str] = {}
    for entry in past:
        for block in live.put([entry]):
            if block.into != LINE:
                shown[block.id] = block.html
    assert {found for block in whole for found in re.findall(r'<\w+ id="([^"]*)"', block)} == {
        id for id, html in shown.items() if html
    }
    for id, html in shown.items():
        assert all(part in "".join(whole) for part in html.split("<!--slot-->")), id


def test_what_waits_in_line_is_no_part_of_what_happened_until_it_is_begun() -> None:
    said = e.MessageSent(id="m", turn="t", text=HOSTILE)
    changed = e.MessageChanged(id="m", turn="t", text="better", edition=2)
    sheet = Sheet(THREAD)
    (waits,) = sheet.put(entries(said))
    assert (waits.id, waits.into) == ("l-m", LINE)
    assert "<script>" not in waits.html
    assert "better" in sheet.put(entries(changed))[0].html
    gone, begun = sheet.put(entries(e.TurnStarted(turn="t", run="r", epoch=1)))
    assert (gone.id, gone.html, begun.id) == ("l-m", "", "m-m")
    assert "better" in begun.html
    back = e.MessageWithdrawn(id="m", turn="t"), e.TurnFinished(turn="t", outcome=Outcome.WITHDRAWN)
    assert page(said) == page(said, *back) == ""


def test_an_older_part_shows_what_was_said_for_a_turn_that_began_below_it() -> None:
    sheet = Sheet(THREAD)
    sheet.whole(entries(e.MessageSent(id="m", turn="t", text="one"), e.MessageSent(id="o", turn="u", text="two")))
    assert [text(said.html) for said in sheet.unheard({"o": None})] == ["You one"]
    assert [text(said.html) for said in sheet.unheard({"o": None, "m": "other words"})] == ["You other words"]


def test_a_run_of_calls_is_one_line_that_says_how_it_went() -> None:
    assert "Ran 2 commands; 1 of 2 did not go well" in text(page(*WHOLE[:7]))
    assert "Ran 1 command; at work" in text(page(*WHOLE[:6]))


def test_what_asks_is_not_told_as_work_under_way() -> None:
    assert "at work" not in text(page(*WHOLE[:10]))


def test_a_question_that_was_answered_can_not_be_answered_again() -> None:
    assert "/answer" in page(*WHOLE[:10])
    assert "/answer" not in page(*WHOLE[:11])


def test_a_result_starts_as_a_sketch_says_so_and_shows_its_evidence() -> None:
    told = text(page(*WHOLE))
    for said in ("sketch", "1 of 1 passed", "+1 −2 lines in 1 file", "3 steps", "Merge", "Discard"):
        assert said in told


def test_a_result_wears_the_stage_of_the_attempt_that_it_is() -> None:
    moved = Sheet(THREAD, stands=Standing(stage=Stage.CANDIDATE))
    told = text("".join(moved.whole(entries(*WHOLE))))
    assert "candidate" in told
    assert "sketch" not in told


def test_only_the_last_result_can_be_merged_and_only_until_it_was() -> None:
    again = (
        KEPT.model_copy(update={"turn": "u", "commit": "beef"}),
        DONE.model_copy(update={"turn": "u"}),
    )
    assert page(*WHOLE, *again).count("/merge") == 1
    merged = e.Merged(commit="c0ffee", into="main", before="a" * 40, after="b" * 40)
    assert "/merge" not in page(*WHOLE, merged)


def test_a_merge_where_checks_failed_says_so_on_its_button() -> None:
    failed = CHECKED.model_copy(update={"checks": (e.Check(command="pytest", status=1, seconds=1, output="no"),)})
    assert "Merge though checks failed" in page(*WHOLE[:-2], failed, DONE)


def test_who_did_not_answer_and_who_went_on_is_said() -> None:
    fell = e.FellBack(turn="t", step=1, model="openai:gone", to="anthropic:there", reason="Down.")
    assert "openai:gone didn’t answer; anthropic:there went on with this turn." in text(page(fell))


def test_what_a_rule_said_is_never_shown_as_a_models_answer() -> None:
    ruled = answer(0, Text(text="I deleted it")).model_copy(update={"rules": True})
    assert "By rule" in text(page(ruled))
    assert "Answer" not in text(page(ruled))


@pytest.mark.parametrize(
    "events",
    [
        (e.MessageSent(id="m", turn="t", text=HOSTILE),),
        (answer(0, Text(text=HOSTILE)),),
        (answer(0, call("c")), began("c"), ended("c", output=HOSTILE)),
        (e.QuestionAsked(turn="t", call="c", question=HOSTILE, choices=(HOSTILE,)),),
        (e.AnswerFailed(turn="t", step=0, model="m", attempt=1, reason=HOSTILE, wait=None),),
        (e.FellBack(turn="t", step=0, model=HOSTILE, to=HOSTILE, reason=HOSTILE),),
        (
            KEPT.model_copy(update={"files": (HOSTILE,)}),
            e.TurnFinished(turn="t", outcome=Outcome.FAILED, reason=HOSTILE),
        ),
    ],
)
def test_s23_no_words_of_anybody_become_markup(events: tuple[e.EventFact, ...]) -> None:
    assert "<script" not in page(*events)
    assert "<img" not in page(*events)
    assert 'href="javascript' not in page(*events)


def test_a_report_stands_by_itself_and_is_answered_where_it_stands() -> None:
    given = Report(id="report_1", title="Monday", since=NOW, until=NOW, version=0, looked=9, rules=True)
    sized = Sized(lines=5)
    changed = e.InterestChanged(
        version=1, reply="r", said="less", sentence="So it is.", changes=(sized,), gained=1, lost=2
    )
    blocks = entries(
        e.CallStarted(turn="t", call="c", name="write_report", idempotent=True),
        e.CallFinished(turn="t", call="c", name="write_report", status="ok", text="", card=ReportCard(report=given)),
        e.ReplyGiven(id="r", report="report_1", text="less #random"),
        changed,
    )
    report, said, came = Sheet(THREAD).whole(blocks)[-3:]
    assert "Monday" in report
    assert f'data-api="/v1/reports/{THREAD}/replies"' in report
    assert "less #random" in said
    assert "So it is." in came
    assert 'value="undo 1"' in came
    assert "On past days: 1 line gained, 2 lost." in came


CARDS = [
    MarkdownCard(text=HOSTILE),
    CodeCard(path=HOSTILE, text=HOSTILE),
    DiffCard(
        diff=f"diff --git a/x b/{HOSTILE}\n@@ -1 +1 @@\n-{HOSTILE}\n+{HOSTILE}2\n", added=1, removed=1, files=("x",)
    ),
    TerminalCard(command=HOSTILE, output=HOSTILE, exit=1),
    TableCard(columns=(HOSTILE,), rows=((HOSTILE,),)),
    ChartCard(title=HOSTILE, unit=HOSTILE, bars=((HOSTILE, 2.5), (HOSTILE, -1))),
    PlanCard(steps=(PlanStep(text=HOSTILE),)),
    ReportCard(
        report=Report(
            id="report_1",
            title=HOSTILE,
            since=NOW,
            until=NOW,
            version=1,
            looked=9,
            lines=(
                Line(
                    text=HOSTILE,
                    why=HOSTILE,
                    cites=(Cited(post="p", author=HOSTILE, channel=HOSTILE, at=NOW, link="javascript:alert(4)"),),
                ),
            ),
        )
    ),
    DraftCard(automation="automation_1", name=HOSTILE, brief=HOSTILE, means=HOSTILE),
]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.kind)
def test_s23_no_card_lets_what_it_shows_become_markup(card: MarkdownCard) -> None:
    drawn = str(draw(card))
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "alert(1)" in drawn
    assert "href=" not in drawn.replace("&lt;a href=", "")


def test_every_kind_of_card_has_a_drawing() -> None:
    kinds = get_args(get_args(Card)[0])
    picture = ImageCard(image=Image(media_type="image/png", data=b64encode(b"\x89PNG\r\n\x1a\n")), alt="a cat")
    assert {type(card) for card in (*CARDS, picture)} == {*kinds}
    assert 'alt="a cat"' in str(draw(picture))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]52;c;aGk=\x1b\\copied", "copied"),
        ("\x1bPq#0~\x1b\\dcs", "dcs"),
        ("\x1b]0;title\x07t", "t"),
        ("\x9b31mc1", "31mc1"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("a\r\nb", "a\nb"),
        ("\u202eevil", "evil"),
        ("\x1b]never ended", ""),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_s24_escape_sequences_are_inert(written: str, shown: str) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e", "\x1b", "\u2066", "\u00ad", "\r", "\x00", "\ufeff"])
def test_s20_what_is_to_be_approved_is_shown_whole_and_hides_nothing(unseen: str) -> None:
    lines = shown("shell", {"command": f"rm{unseen} -rf" + " " * 500 + "x"}, where="here")
    drawn = page(e.ApprovalAsked(turn="t", call="c", why="It reaches out.", shown=lines, digest="d", expires=NOW))
    assert unseen not in drawn
    assert f"u{{{ord(unseen):x}}} -rf" + " " * 500 + "x" in drawn


def test_a_diff_is_cut_into_files_with_what_became_of_each() -> None:
    diff = (
        "diff --git a/old.py b/new.py\nsimilarity index 90%\nrename from old.py\nrename to new.py\n"
        "--- a/old.py\n+++ b/new.py\n@@ -1,2 +1,2 @@ def f():\n same\n-one word here\n+one other here\n"
        "diff --git a/b.bin b/b.bin\nnew file mode 100644\nBinary files /dev/null and b/b.bin differ\n"
    )
    first, second = files(diff)
    assert (first.path, first.what, first.added, first.removed) == ("new.py", "renamed from old.py", 1, 1)
    assert (second.path, second.what) == ("b.bin", "not text")
    drawn = str(draw(DiffCard(diff=diff, added=1, removed=1, files=("new.py", "b.bin"))))
    assert "one <mark>word</mark> here" in drawn
    assert "one <mark>other</mark> here" in drawn


def test_changed_words_are_found_also_where_lines_were_added_and_only_as_long_as_that_may_take() -> None:
    long = "x " * 190
    gone, come = (f"{sign}one {word} here\n" + f"{sign}{long}{word}\n" * 40 for sign, word in (("-", "a"), ("+", "b")))
    diff = f"diff --git a/a.py b/a.py\n@@ -1,41 +1,42 @@\n{gone}{come}+more\n"
    drawn = str(draw(DiffCard(diff=diff, added=42, removed=41, files=("a.py",))))
    assert "one <mark>b</mark> here" in drawn
    assert f"{long}<mark>b</mark>" in drawn
    assert f"{long}b</code>" in drawn


def test_a_line_that_begins_like_a_header_is_a_line() -> None:
    (one,) = files("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1 @@\n--- gone\n+++ come\n same\n")
    assert [sign for sign, _, _ in one.lines] == ["@", "-", "+", " "]


def test_a_chart_says_each_number_and_draws_it_from_the_same_line() -> None:
    drawn = str(draw(ChartCard(title="Takings", unit="EUR", bars=(("May", 1234.5), ("June", -1234.5), ("July", 0)))))
    assert text(drawn) == "Takings EUR May 1,234.5 June -1,234.5 July 0"
    assert re.findall(r'x="([\d.]+)" y="0" width="([\d.]+)"', drawn) == [
        ("50.0", "50.0"),
        ("0.0", "50.0"),
        ("50.0", "0.0"),
    ]


def test_what_has_another_face_can_be_turned_over() -> None:
    assert "data-turns" not in page(answer(0, Text(text="Plain words.")))
    assert "data-turns" in page(answer(0, Text(text="Words.\n```py\ncode\n```")))
    assert page(*WHOLE).count("data-turns") == 2, "the work, and its result"


def test_what_is_to_be_approved_can_be_changed_first_where_nothing_of_it_hides() -> None:
    def asks(name: str, command: str = "rm x") -> str:
        lines = shown("shell", {"command": command}, where="here")
        asked = e.ApprovalAsked(turn="t", call="c", why="It reaches out.", shown=lines, digest="d", expires=NOW)
        model = Call(id="c", name=name, arguments=json.dumps({"command": command}))
        return page(answer(0, model), asked)

    assert 'name="instead.command"' in asks("shell")
    assert 'name="instead.' not in asks("shell", command="rm \u202ex")
    assert 'name="instead.' not in asks("use_tool")


def test_every_block_is_well_formed() -> None:
    assert page(*WHOLE).count("<section") == page(*WHOLE).count("</section>")
    assert isinstance(draw(CARDS[0]), h.Element)


def test_the_step_at_work_is_the_one_after_each_answer_that_calls_and_no_other() -> None:
    sheet, sent = Sheet(THREAD), entries(*WHOLE[:2], answer(1, call("c1")), answer(2, Text(text="Done.")))
    steps: list[int] = []
    for entry in sent[1:]:
        sheet.put([entry])
        steps.append(sheet.turn("t").step)
    assert steps == [1, 2, 2]
    steered = e.MessageSent(id="m2", turn="t", text="and that", steers=True)
    (meanwhile,) = entries(steered)
    sheet.put([meanwhile])
    assert sheet.turn("t").step == 3
