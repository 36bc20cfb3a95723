"""How explorations are told at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from maquette.cli.link import Json
from maquette.cli.screen import Screen, count, line_of, short

MARKS = {"left": "is better than", "right": "is worse than", "both": "is as good as", "neither": "won't do, nor will"}


def settled(attempt: Json) -> bool:
    """Nothing more comes by itself."""
    if attempt["stopped"] or attempt["shelved"]:
        return True
    looked = attempt["evidence"] and attempt["evidence"]["commit"] == attempt["result"]
    return attempt["state"] == "idle" and (looked or not attempt["result"])


def stands(attempt: Json) -> str:
    """In a word or two."""
    if attempt["shelved"]:
        return "shelved"
    if attempt["stopped"]:
        return "stopped"
    if attempt["state"] is None:
        return "to begin"
    if attempt["state"] != "idle":
        return attempt["state"]
    if not settled(attempt):
        return "looked at"
    return "done" if attempt["result"] and attempt["outcome"] in ("done", None) else attempt["outcome"] or "nothing"


def checks(attempt: Json) -> str:
    evidence = attempt["evidence"]
    if evidence is None or not evidence["checks"]:
        return ""
    failed = sum(check["status"] != 0 for check in evidence["checks"])
    return f"{failed} failed" if failed else "passed"


def made_by(attempt: Json) -> str:
    source = attempt["source"]
    return attempt["plan"]["model"] if source["kind"] == "agent" else f"{source['kind']} {source['name']}"


def tell_begun(out: Screen, made: Json) -> None:
    out.line(
        (f"exploration {short(made['id'])}", "bold"), f"  {made['attempts']} attempts, {made['at_once']} at a time"
    )
    out.line((f"as a {made['brief']['medium']}: {made['brief']['why']}", "dim"))
    out.line((f"maquette explore show {short(made['id'])} --wait", "dim"))


def tell_list(out: Screen, found: Sequence[Json]) -> None:
    rows = [
        (
            short(one["id"]),
            one["brief"]["medium"],
            f"{one['gathered']}/{one['attempts']}",
            str(one["votes"]),
            "shelved" if one["shelved"] else f"picked {one['picked']}" if one["picked"] else "",
            line_of(one["brief"]["question"], 80),
        )
        for one in found
    ]
    none = "None yet: `maquette explore sample` makes one to try it on."
    out.table(("id", "medium", "known", "votes", "", "question"), rows, none)


def tell(out: Screen, shown: Json) -> None:
    one = shown["exploration"]
    out.line((line_of(one["brief"]["question"], 100), "bold"))
    out.line((f"{one['brief']['medium']}: {one['brief']['why']}", "dim"))
    if one["shelved"]:
        out.line((f"on the shelf: {one['shelved']}", "yellow"))
    columns = ("#", "stage", "is", "checks", "change", "lines", "approach", "by", "tokens")
    out.table(columns, [_row(attempt) for attempt in shown["attempts"]])
    for why, numbers in failures(shown["attempts"]).items():
        out.line((f"failed: {', '.join(numbers)}", "red"), f"  {why}")
    if definition := one["definition"]:
        tell_definition(out, definition)


def tell_definition(out: Screen, of: Json) -> None:
    out.line(("definition", "bold"), f"  {of['goal']} ({of['feature'] or 'no feature named'})")
    out.line(f"  kept: {', '.join(of['kept'])}; cut: {', '.join(of['cut']) or 'nothing'}")
    out.line(f"  why: {of['why']}")


def failures(attempts: Sequence[Json]) -> dict[str, list[str]]:
    """Numbers of those that failed, by what they said of it themselves."""
    found: dict[str, list[str]] = {}
    for one in attempts:
        if stands(one) == "failed" and (evidence := one["evidence"]):
            found.setdefault(line_of(evidence["summary"], 200), []).append(str(one["number"]))
    return found


def _row(attempt: Json) -> tuple[str, ...]:
    evidence = attempt["evidence"]
    return (
        str(attempt["number"]),
        attempt["stage"],
        stands(attempt),
        checks(attempt),
        f"+{evidence['added']} -{evidence['removed']}" if evidence else "",
        f"{evidence['lines']:+d}" if evidence else "",
        attempt["plan"]["approach"],
        made_by(attempt),
        count(attempt["tokens"]),
    )


def tell_two(out: Screen, two: Sequence[Json]) -> None:
    rows = [("attempt", *(str(one["number"]) for one in two)), ("stage", *(one["stage"] for one in two))]
    rows.append(("is", *map(stands, two)))
    rows.append(("approach", *(one["plan"]["approach"] for one in two)))
    rows.append(("made by", *map(made_by, two)))
    rows.append(("checks", *map(checks, two)))
    known = [one["evidence"] for one in two]
    rows.append(("change", *(f"+{one['added']} -{one['removed']}" if one else "" for one in known)))
    rows.append(("complexity", *(_signed(one["complexity"]) if one else "" for one in known)))
    rows.append(("touches", *(", ".join(one["files"][:6]) if one else "" for one in known)))
    rows.append(("needs anew", *(", ".join(one["dependencies"]) if one else "" for one in known)))
    rows.append(("says of itself", *(" / ".join(one["summary"].splitlines()) if one else "" for one in known)))
    out.table(("", "left", "right"), rows)


def _signed(number: int | None) -> str:
    return "" if number is None else f"{number:+d}"


def said(vote: Json) -> str:
    about = f" ({vote['facet']})" if vote["facet"] else ""
    because = f", because {vote['reason']}" if vote["reason"] else ""
    return f"{vote['left']} {MARKS[vote['choice']]} {vote['right']}{about}{because}"


def tell_standing(out: Screen, found: Json) -> None:
    rows = [
        (
            str(place),
            str(one["attempt"]),
            f"{one['strength']:+.2f}",
            f"{one['low']:+.2f} to {one['high']:+.2f}",
            f"{one['votes']:g}",
        )
        for place, one in enumerate(found["ranks"], 1)
    ]
    out.table(("", "attempt", "strength", "95 %", "votes"), rows)
    out.line((found["says"], "bold"))


def tell_history(out: Screen, found: Json) -> None:
    for idea in found["ideas"]:
        out.line((idea["approach"] or "as it is", "bold"), (f"  {len(idea['launches'])} launches", "dim"))
        out.table(("when", "attempt", "by", "checks", "tokens", ""), [_launch(one) for one in idea["launches"]])
    if not found["ideas"]:
        out.line(("No agent has attempted it yet.", "dim"))
    for one in found["models"]:
        wide = round(20 * one["mean"])
        share = f" {one['mean']:.0%}, {one['best']:.0%} in the best of {one['launches']}"
        out.line((f"{'█' * wide}{'·' * (20 - wide)} ", "green"), f"{one['model']}:{share}")


def _launch(one: Json) -> tuple[str, ...]:
    passed = "?" if one["passed"] is None else f"{one['passed']}/{one['checks']}"
    shelf = "on the shelf" if one["shelved"] else ""
    return one["at"][:16], str(one["attempt"]), one["model"], passed, count(one["tokens"]), shelf


def tell_plan(out: Screen, plan: Json, exploration: str) -> None:
    """What goes in, what doesn't and against whom, and how to have it done."""
    out.line(f"into {plan['into']}:")
    rows = [(typed(step["take"]), *_foreseen(step)) for step in plan["steps"]]
    out.table(("take", "is", "files"), rows, "Of the others nothing goes in as it is.")
    going = [typed(step["take"]) for step in plan["steps"] if not step["clashes"]]
    if going:
        takes = " ".join(f"--take {take}" for take in going)
        out.line((f"maquette explore fold {exploration} {plan['into']} {takes}", "dim"))


def typed(take: Json) -> str:
    hunks = "" if take["hunks"] is None else ":" + ",".join(map(str, take["hunks"]))
    return take["of"] + (f":{take['path']}{hunks}" if take["path"] is not None else "")


def _foreseen(step: Json) -> tuple[str, str]:
    if step["clashes"]:
        whose = sorted({name for clash in step["clashes"] for name in clash["against"]})
        return f"in conflict with {', '.join(whose) or 'what is there'}", ", ".join(c["path"] for c in step["clashes"])
    return ("goes in" if step["files"] else "there already"), ", ".join(step["files"])
