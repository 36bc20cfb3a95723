"""`demo`: a real task on a sample project, from start to merge."""

from __future__ import annotations

import argparse
import importlib

from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Link


def add(commands: Commands) -> None:
    demo = commands.add("demo", "See an agent do a real task on a sample project, or on a copy of yours", _demo)
    demo.add_argument("--repo", metavar="PATH", help="a repo of yours; it is copied")
    demo.add_argument("--task", metavar="TEXT", help="what is to be done")


def _demo(_link: Link, args: argparse.Namespace) -> int:
    try:
        demo = importlib.import_module("maquette.demo")
    except ModuleNotFoundError as error:
        raise Failed(f"This installation has no demo ({error}).") from error
    return demo.main(args)
