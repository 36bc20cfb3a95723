"""Wires everything: a home from settings, a base that serves it, and what can be done without a base.

`python -m maquette.app serve` is a base; the command line starts it so.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import orjson

from maquette.actions import backups, doctor, projects, reviews, roles
from maquette.actions.home import Home
from maquette.cli import endings, starting
from maquette.cli.lock import Lock, Taken
from maquette.cli.screen import inert
from maquette.connections import Connections, Reached
from maquette.connections.secrets import Secrets
from maquette.domain.errors import MaquetteError, Refused, without_room
from maquette.engine.durable import DurableEngine
from maquette.engine.evidence import Gathering
from maquette.engine.explorations import Explorations
from maquette.engine.judging import Judging
from maquette.engine.port import Around, Engine
from maquette.engine.resting import RestingEngine
from maquette.engine.twins import Twins
from maquette.kinds import registry
from maquette.kinds.connectors import Connector
from maquette.kinds.providers import Provider
from maquette.kinds.sandboxes import Probe, Sandbox
from maquette.kinds.tools import Asks, Came, Delegates, Drafts, Offers, Plans, Tool
from maquette.kinds.triggers import Trigger
from maquette.sandboxes import tiers
from maquette.settings import Settings, settings
from maquette.skills import folders
from maquette.store import Store, rebuild
from maquette.store.copies import NAME as LOG
from maquette.store.posts import Posts, Reader
from maquette.store.roles import worker_of
from maquette.tools.by_hand import hand, run_by_hand
from maquette.turn.loop import Loop
from maquette.turn.places import Bounds, Places
from maquette.workspace import Watched, Workspace

LOCKED = "locked"
INLINE = "inline"

log = logging.getLogger(__name__)


def all_tools() -> list[Tool[Any]]:
    return cast("list[Tool[Any]]", registry.members("maquette.tools", "TOOL"))


def all_providers() -> dict[str, Provider]:
    """By wire."""
    return {p.wire: p for p in cast("list[Provider]", registry.members("maquette.providers", "PROVIDER"))}


def all_sandboxes() -> list[Sandbox]:
    return cast("list[Sandbox]", registry.members("maquette.sandboxes", "SANDBOX"))


def all_connectors() -> dict[str, Connector]:
    """By kind."""
    return {c.kind: c for c in cast("list[Connector]", registry.members("maquette.connectors", "CONNECTOR"))}


def all_triggers() -> dict[str, Trigger]:
    """By name."""
    return {one.name: one for one in cast("list[Trigger]", registry.members("maquette.triggers", "TRIGGER"))}


async def chosen() -> tuple[Sandbox, list[Probe]]:
    """The sandbox to use, and what each can do here: its own probe first. Raises `Refused` where none works."""
    sandboxes = all_sandboxes()
    probes = await tiers.probed(sandboxes)
    best = await tiers.best(sandboxes, probes)
    return best, [probes.pop(best.name), *probes.values()]


@asynccontextmanager
async def opened(of: Settings, *, base: bool = True) -> AsyncGenerator[Home]:
    """A base's home, its engine at work; everything is put away in order at the end. One at a time a state.

    Of one that isn't the `base`, there may be any number: it only works on what is due.
    """
    of.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    sandbox, probes = await chosen()
    store = await asyncio.to_thread(Store.open, of.database or of.state / LOG)
    posts = Posts.beside(store.log.where)
    try:
        workspace = Workspace(of.state, sandbox)
        providers, tools = Reached(all_providers(), Connections(of.state)), all_tools()
        bounds = Bounds(of.children, of.depth)
        tier = probes[0].tier
        secrets = Secrets(of.state)
        reader = Reader(store, posts, all_connectors(), sandbox, of.state, secrets.get)
        places = Places(store, workspace, sandbox, tier, tools, of.state, of.home, bounds, reader, providers)
        model_of = partial(worker_of, store, default=of.model, insists=of.insists)
        triggers = all_triggers()
        around = Around(model_of, triggers, partial(Watched, workspace))
        engine = _engine(of, store, Loop(store, providers, places), around)
        home = Home(of, store, engine, workspace, providers, tools, sandbox, reader, secrets, probes, triggers)
        if base and store.log.standing.damage is None:
            await projects.settle(home)
            await reviews.recover(home)
        looking = (
            Explorations(store, engine.wake, Gathering(store, workspace, sandbox).of),
            Judging(store, providers, workspace),
            Twins(store, workspace, engine),
        )
        await engine.open()
        try:
            if base and store.log.standing.damage is None:
                await workspace.exhibits.clear()
                for one in looking:
                    one.open()
            yield home
        finally:
            for one in reversed(looking):
                await one.close()
            await engine.close()
    finally:
        posts.close()
        store.close()


def _engine(of: Settings, store: Store, loop: Loop, around: Around) -> Engine:
    """MAQUETTE_ENGINE=inline takes the one without a database of its own; a damaged state none that does anything."""
    if store.log.standing.damage is not None:
        return RestingEngine()
    if os.environ.get("MAQUETTE_ENGINE") == INLINE:
        from maquette.engine.inline import InlineEngine

        return InlineEngine(store, loop.advance, around, of.turns)
    return DurableEngine(store, loop.advance, around, of.database or of.state / "engine.db", of.turns)


async def serve(of: Settings, port: int | None, host: str) -> None:
    """A base, until it is told to end (SIGTERM, SIGINT)."""
    from maquette.web.listening import Listening

    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    with closing(Listening(of, port, host)) as listening:
        async with opened(of) as home:
            _settle()
            await listening.until(end, home)


async def work(of: Settings) -> None:
    """A worker beside a base, until it is told to end."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    async with opened(of, base=False) as home:
        _settle()
        log.info("working on what is due, up to %d turns over all workers", of.turns)
        preload = asyncio.create_task(roles.preload(home))
        await end.wait()
        preload.cancel()


def _settle() -> None:
    """What is loaded by now stays, so the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _serve(args: argparse.Namespace) -> int:
    of = settings()
    if args.worker:
        if of.database is None:
            why = (
                "A worker needs the base's Postgres: MAQUETTE_DATABASE=postgresql://…; on a file the base works alone."
            )
            raise Refused(why, code="no-database")
        asyncio.run(work(of))
        return 0
    with _alone(of):
        asyncio.run(serve(of, args.port, args.host))
    return 0


def _rebuild(_args: argparse.Namespace) -> int:
    """Status 1 when something was wrong, and was put right."""
    of = settings()
    with _alone(of):
        store = Store.open(of.database or of.state / LOG)
        try:
            wrong = rebuild(store, replace=True)
        finally:
            store.close()
    sys.stdout.writelines(f"{inert(sentence)}\n" for sentence in wrong)
    told = f"{len(wrong)} differences; all is as the log says now." if wrong else "All is as the log says."
    sys.stdout.write(f"{told}\n")
    return int(bool(wrong))


def _restore(args: argparse.Namespace) -> int:
    of = settings()
    with _alone(of):
        restored = backups.restore(of.state, Path(args.file), aside=args.aside)
    holds = restored.holds
    if restored.aside:
        sys.stdout.write(f"What was there is now at {inert(str(restored.aside))}.\n")
    sys.stdout.write(f"Restored what {inert(holds.state)} held at {inert(holds.made)}: {holds.entries} entries of the ")
    sys.stdout.write(f"log, {holds.files} files; all as its manifest says.\n")
    return 0


@contextmanager
def _alone(of: Settings) -> Generator[None]:
    try:
        of.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Lock(of.state):
            yield
    except Taken as taken:
        sentence = f"A base is up already on {of.state}, as process {taken.pid}; `maquette down` ends it."
        raise Refused(sentence, code=LOCKED) from taken
    except OSError as error:
        if (full := without_room(error)) is not None:
            raise full from error
        raise


def _doctor(_args: argparse.Namespace) -> int:
    async def probed() -> list[Probe]:
        return [*(await tiers.probed(all_sandboxes())).values()]

    of = settings()
    providers = Reached(all_providers(), Connections(of.state))
    found = doctor.examine(of, asyncio.run(probed()), providers.values())
    sys.stdout.buffer.write(orjson.dumps(found))
    return 0


def _tool(args: argparse.Namespace) -> int:
    """One tool by hand. What it needs and wasn't given as JSON is read from standard input."""
    tools = {tool.name: tool for tool in all_tools()}
    tool = tools.get(args.name)
    if tool is None:
        raise Refused(f"No tool is called {args.name!r}. There are: {', '.join(sorted(tools))}.", code="unknown-tool")
    came = asyncio.run(_by_hand(tool, Path(args.root), args.arguments or "", list(tools.values())))
    if isinstance(came, Asks):
        sys.stdout.write(f"It asks: {came.question}\n")
    elif isinstance(came, Delegates):
        sys.stdout.write(f"It would hand this on: {came.task}\n")
    elif isinstance(came, Drafts):
        sys.stdout.write(f"It would draft {came.name!r}, {came.when}: {came.brief}\n")
    elif isinstance(came, Offers):
        sys.stdout.writelines(f"It would try: {idea.what}\n" for idea in came.ideas)
    elif isinstance(came, Plans):
        sys.stdout.writelines(f"{step.state}: {step.text}\n" for step in came.steps)
    else:
        sys.stdout.write(inert(came.text).rstrip("\n") + "\n")
        return int(came.error)
    return 0


async def _by_hand(tool: Tool[Any], root: Path, arguments: str, tools: list[Tool[Any]]) -> Came:
    sandbox = await tiers.best(all_sandboxes())
    skills, _ = folders.found(folders.places(project=None, trusted=False, user=settings().home))
    async with hand(root, sandbox, skills=skills, later=[tool for tool in tools if not tool.first]) as context:
        try:
            return await run_by_hand(tool, context, arguments)
        except Refused as refused:
            if refused.code != "bad-arguments" or sys.stdin.isatty():
                raise
        return await run_by_hand(tool, context, arguments, await asyncio.to_thread(sys.stdin.read))


def _told(sentence: str, status: int = endings.REFUSED) -> int:
    with suppress(OSError):  # its log file may have no room; its status still says so
        sys.stderr.write(f"maquette: {sentence}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("maquette")
    commands = parser.add_subparsers(required=True)
    serving = commands.add_parser("serve")
    serving.add_argument("--port", type=int)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--worker", action="store_true")
    serving.set_defaults(run=_serve)
    commands.add_parser("doctor").set_defaults(run=_doctor)
    commands.add_parser("rebuild").set_defaults(run=_rebuild)
    restoring = commands.add_parser("restore")
    restoring.add_argument("file")
    restoring.add_argument("--aside", action="store_true")
    restoring.set_defaults(run=_restore)
    by_hand = commands.add_parser("tool")
    by_hand.add_argument("name")
    by_hand.add_argument("arguments", nargs="?")
    by_hand.add_argument("--root", required=True)
    by_hand.set_defaults(run=_tool)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 after one sentence on stderr; 75 when another base is up."""
    args = _parser().parse_args(argv)
    if args.run is _serve:
        # Not held back: what a full disk has no room for would fail each flush, also those of libraries and the last.
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), errors="backslashreplace", write_through=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with suppress(KeyboardInterrupt):
        try:
            return args.run(args)
        except Refused as refused:
            return _told(str(refused), starting.LOCKED if refused.code == LOCKED else endings.REFUSED)
        except (MaquetteError, ValueError) as error:
            return _told(str(error))
        except Exception as error:
            return _told(endings.mistake(error, settings().state), endings.FAILED)
    return endings.DETACHED


if __name__ == "__main__":
    sys.exit(main())
