"""`baby`: the small version of a project that explorations begin with."""

from __future__ import annotations

import argparse

from maquette.cli import endings, screen
from maquette.cli.commands import Commands, add_verb
from maquette.cli.link import Json, Link
from maquette.cli.run import project_of
from maquette.cli.screen import short


def add(commands: Commands) -> None:
    baby = commands.add("baby", "The small version of a project that explorations begin with", _show)
    verbs = baby.add_subparsers(metavar="VERB", title="verbs (SHOW may be left out)")
    show = add_verb(verbs, "show", "Show it, and how far it has drifted from the real one", _show)
    make = add_verb(verbs, "make", "Have a thread make it: it keeps these files and what they lead to", _make)
    make.add_argument("keep", nargs="+", metavar="FILE", help="in the project")
    make.add_argument("-m", "--model")
    for one in (show, make):
        one.add_argument("-p", "--project", help="a name, or a path like ./folder; else the repo you are in")
    take = add_verb(verbs, "take", "Take what a thread made as its project's baby version", _take)
    take.add_argument("thread")
    take.add_argument("--unchecked", action="store_true", help="although its checks don't pass")
    baby.otherwise, baby.verbs = "show", verbs.choices


def _show(link: Link, args: argparse.Namespace) -> int:
    found = link.get("/babies", project=project_of(getattr(args, "project", None)))
    if getattr(args, "json", False):
        return screen.as_json(found)
    out, baby = screen.out(), found["baby"]
    out.line((_sized(baby), "bold"))
    out.line(found["says"])
    for name, told in (("changed", "changed there"), ("gone", "gone there"), ("own", "otherwise from the start")):
        if found[name]:
            out.line((f"{told}: ", "dim"), ", ".join(found[name]))
    return endings.DONE


def _sized(baby: Json) -> str:
    return (
        f"{baby['files']} of {baby['of_files']} files, {baby['lines']} of {baby['of_lines']} lines, "
        f"of {baby['of'][:10]}"
    )


def _make(link: Link, args: argparse.Namespace) -> int:
    new = {"project": project_of(args.project), "keep": args.keep, "model": args.model}
    sent = link.post("/babies", new)
    if args.json:
        return screen.as_json(sent)
    out, name = screen.out(), short(sent["thread"])
    out.line((f"thread {name}", "bold"), "  makes it")
    out.line((f"maquette show {name} --follow; maquette diff {name}; then maquette baby take {name}", "dim"))
    return endings.DONE


def _take(link: Link, args: argparse.Namespace) -> int:
    project = link.post("/babies/taken", {"thread": args.thread, "unchecked": args.unchecked})
    if args.json:
        return screen.as_json(project)
    out = screen.out()
    out.line((_sized(project["baby"]), "bold"))
    out.line(('maquette explore "…" --base baby', "dim"))
    return endings.DONE
