"""What is added to `explore`: what was seen, what it may spend, an attempt merged, a definition put better."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from maquette.cli import endings, explored, maps, screen
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import add_budget

Verb = Callable[..., argparse.ArgumentParser]


def add(verb: Verb) -> None:
    verb("map", "Draw a map on which near is alike, and list who is near whom", maps.tell)
    seen = verb("pictures", "Save what was seen of an attempt, its pictures and its film", _pictures, attempt=True)
    seen.add_argument("--to", metavar="FOLDER", default=".", help="where to (here)")
    change = verb("set", "Set how many attempts are at work at a time, or what all of them may spend", _set)
    change.add_argument("--at-once", type=int, metavar="COUNT", help="so many at work at a time")
    add_budget(change)
    merge = verb("merge", "Merge an attempt into the branch that you have checked out", _merge, attempt=True)
    merge.add_argument("--unchecked", action="store_true", help="although checks failed")
    merge.add_argument("--acting", action="store_true", help="although it brings files that make other programs act")
    define = verb("define", "Put better what an exploration comes to; what is left out stays", _define)
    for name in ("goal", "feature", "why"):
        define.add_argument(f"--{name}", metavar="WORDS")
    for name in ("kept", "cut"):
        define.add_argument(f"--{name}", nargs="*", metavar="OPTION")


def _set(link: Link, args: argparse.Namespace) -> int:
    given = {name: value for name, value in (("at_once", args.at_once), ("budget", args.budget)) if value is not None}
    if not given:
        raise Failed("Say what to set: --at-once or --budget.")
    made = link.patch(f"/explorations/{segment(args.exploration)}", given)
    return screen.told(args, made, f"{made['at_once']} at a time now.")


def _merge(link: Link, args: argparse.Namespace) -> int:
    how = {"unchecked": args.unchecked, "acting": args.acting}
    merged = link.post(f"/explorations/{segment(args.exploration)}/attempts/{args.attempt}/merge", how)
    return screen.told(args, merged, ("Merged", "green"), f" into {merged['into']}: {merged['after'][:10]}")


def _define(link: Link, args: argparse.Namespace) -> int:
    path = f"/explorations/{segment(args.exploration)}"
    former = link.get(path)["exploration"]["definition"]
    if former is None:
        raise Failed("It comes to nothing yet: pick an attempt first.")
    given = {name: value for name in former if (value := getattr(args, name, None)) is not None}
    defined = link.put(f"{path}/definition", {**former, **given})
    if args.json:
        return screen.as_json(defined)
    explored.tell_definition(screen.out(), defined)
    return endings.DONE


def _pictures(link: Link, args: argparse.Namespace) -> int:
    path = f"/explorations/{segment(args.exploration)}/attempts/{args.attempt}"
    evidence: Json = link.get(path)["evidence"] or {}
    shown: dict[str, str] = {}
    for kind, which, mark in (("pictures", "pictures", ""), ("film", "frames", "film-")):
        for number, one in enumerate(evidence.get(kind, ())):
            if one["blob"]:
                shown[f"{args.attempt}-{mark}{number}.png"] = f"{which}/{number}"
    folder = Path(args.to)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, which in shown.items():
            picture = b"".join(link.pieces(f"{path}/{which}"))
            with (folder / name).open("xb") as file:
                file.write(picture)
    except OSError as error:
        raise Failed(f"{error.filename or folder} can't be written: {error.strerror}.") from error
    rows = [(str(folder / name),) for name in shown]
    return screen.listed(args, [*shown], ("picture",), rows, "Nothing was seen of it.")
