"""`run`: have something done."""

from __future__ import annotations

import argparse
import json
import os
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link

PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
LARGEST = 10 << 20
"""Bytes of a picture."""
BUDGETS = {"steps": ("steps", 1), "tokens": ("tokens", 1), "usd": ("money", 1), "seconds": ("seconds", 1)} | {
    "minutes": ("seconds", 60),
    "hours": ("seconds", 3600),
}
SIZES = {"k": 1_000, "m": 1_000_000}


def add(commands: Commands) -> None:
    run = commands.add("run", "Have something done: a new thread", _run)
    run.add_argument("task", nargs="+", help="what is to be done; - takes it from standard input")
    run.add_argument("-p", "--project", help="a name, or a path like ./folder; else the repo you are in, else the desk")
    run.add_argument("--mode", metavar="worktree|local", type=_mode, help="in a tree of its own (repos), or in place")
    run.add_argument("-m", "--model", help="wire:name, as `maquette models` lists them")
    add_budget(run)
    run.add_argument("--image", action="append", default=[], metavar="FILE", help="show it a picture; may be repeated")
    add_following(run)


def add_budget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--budget", type=budget, metavar="steps=50,usd=1,tokens=200k,minutes=10", help="stop there")


def add_following(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one event a line")
    parser.add_argument("--no-wait", action="store_true", help="say where it runs, and don't follow it")


def budget(text: str) -> dict[str, float | int | str]:
    """`steps=50,usd=1,tokens=200k,minutes=10` as the base wants it."""
    caps: dict[str, float | int | str] = {}
    for part in text.split(","):
        unit, equals, amount = part.strip().partition("=")
        if unit not in BUDGETS or not equals:
            raise argparse.ArgumentTypeError(f"{part!r} isn't like steps=50; there are {', '.join(BUDGETS)}")
        field, times = BUDGETS[unit]
        size = SIZES.get(amount[-1:].lower(), 1)
        try:
            number = float(amount[:-1] if size > 1 else amount) * size * times
        except ValueError:
            number = 0.0
        if not 0 < number < 1e12:
            raise argparse.ArgumentTypeError(f"{amount!r} isn't an amount of {unit} above 0")
        caps[field] = int(number) if field in ("steps", "tokens") else amount if field == "money" else number
    return caps


def _mode(text: str) -> str:
    if text not in ("worktree", "local"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither worktree nor local")
    return text


def task_of(words: list[str]) -> str:
    return sys.stdin.read() if words == ["-"] else " ".join(words)


def _is_repo(dot: Path) -> bool:
    """Not what a sandbox of another program left: an empty folder of that name."""
    return dot.is_file() or (dot / "HEAD").exists()


def project_of(given: str | None) -> str | None:
    """A path as an absolute one, a name as it is; none given: the repo that we are in, if any."""
    if given is None:
        here = Path.cwd()
        found = next((folder for folder in (here, *here.parents) if _is_repo(folder / ".git")), None)
        return str(found) if found else None
    if "/" in given or given in (".", "..") or given.startswith("~"):
        return str(Path(given).expanduser().absolute())
    return given


def images_of(files: list[str]) -> list[dict[str, str]]:
    return [_image(Path(file)) for file in files]


def _image(file: Path) -> dict[str, str]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Failed(f"{file} can't be read: {error.strerror}.") from error
    kind = next((kind for magic, kind in PICTURES.items() if data.startswith(magic)), None)
    if kind is None:
        raise Failed(f"{file} is no PNG, JPEG, GIF or WebP picture.")
    if len(data) > LARGEST:
        raise Failed(f"{file} is larger than {LARGEST >> 20} MB.")
    return {"media_type": kind, "data": b64encode(data).decode()}


def _run(link: Link, args: argparse.Namespace) -> int:
    new = {
        "text": task_of(args.task),
        "project": project_of(args.project),
        "mode": args.mode,
        "model": args.model or os.environ.get("MAQUETTE_MODEL"),
        "budget": args.budget,
        "images": images_of(args.image),
    }
    sent = start(link, new)
    return went(link, sent, args)


def start(link: Link, new: Mapping[str, object]) -> Json:
    """Begin a thread. What a base lacks that was started before a key was set is said as such."""
    try:
        return link.post("/threads", new)
    except Failed as failed:
        if failed.code in ("no-key", "not-connected") and _has_key():
            sentence = f"{failed} It is set here, but the base was started without it: `maquette down`, then again."
            raise Failed(sentence, failed.status, failed.code) from failed
        raise


def _has_key() -> bool:
    return any(os.environ.get(name) for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL"))


def went(link: Link, sent: Json, args: argparse.Namespace) -> int:
    """Follow what was sent, unless it was said not to. What draws it is loaded while the base is at work already."""
    from maquette.cli.following import follow

    out = screen.out()
    if args.no_wait:
        out.line(json.dumps(sent) if args.json else sent["thread"])
        return endings.DONE
    if not args.json:
        out.line(("thread ", "dim"), (screen.short(sent["thread"]), "bold"))
        out.flush()
    return follow(link, sent, as_json=args.json)
