"""Completion of commands and options, for bash, zsh and fish: made from the parser, so that it can't fall behind."""

from __future__ import annotations

import argparse
import re
import sys

from maquette.cli import endings
from maquette.cli.commands import Commands
from maquette.cli.link import Link

BASH = """\
_maquette() {{
    local words="{commands}"
    if [ "$COMP_CWORD" -gt 1 ]; then
        case "${{COMP_WORDS[1]}}" in
{cases}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _maquette maquette
"""
ZSH = "#compdef maquette\nautoload -U bashcompinit && bashcompinit\n"


def add(commands: Commands) -> None:
    completion = commands.add("completion", "Print what completes commands in a shell", _completion)
    completion.add_argument("shell", metavar="bash|zsh|fish", type=_shell)


def _shell(text: str) -> str:
    if text not in ("bash", "zsh", "fish"):
        raise argparse.ArgumentTypeError(f"{text!r} is none of bash, zsh, fish")
    return text


def _completion(_link: Link, args: argparse.Namespace) -> int:
    from maquette.cli import all_commands

    known = {name: (told, _words(parser.format_help())) for name, (told, parser) in all_commands().known.items()}
    sys.stdout.write(_fish(known) if args.shell == "fish" else (ZSH if args.shell == "zsh" else "") + _bash(known))
    return endings.DONE


def _words(told: str) -> list[str]:
    """The verbs and options that a command takes, as its help shows them."""
    verbs = re.search(r"\{([\w,-]+)\}", told)
    options = re.findall(r"(?m)^\s+(?:-\w[^,\n]*, )?(--[a-z][\w-]*)", told)
    return [*(verbs[1].split(",") if verbs else ()), *options]


def _bash(known: dict[str, tuple[str, list[str]]]) -> str:
    cases = "\n".join(f'            {name}) words="{" ".join(words)}" ;;' for name, (_, words) in known.items())
    return BASH.format(commands=" ".join(known), cases=cases)


def _fish(known: dict[str, tuple[str, list[str]]]) -> str:
    lines: list[str] = []
    for name, (told, words) in known.items():
        told = told.replace("\\", "").replace("'", "\\'")
        lines.append(f"complete -c maquette -n __fish_use_subcommand -f -a {name} -d '{told}'")
        for word in words:
            how = f"-l {word[2:]}" if word.startswith("--") else f"-f -a {word}"
            lines.append(f"complete -c maquette -n '__fish_seen_subcommand_from {name}' {how}")
    return "\n".join(lines) + "\n"
