"""Completion of commands and options, for bash, zsh and fish: made from the parser, so that it can't fall behind."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from maquette.cli import endings
from maquette.cli.link import Link

Add = Callable[..., argparse.ArgumentParser]
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


def add(command: Add) -> None:
    completion = command("completion", "Print what completes commands in a shell", run=_completion)
    completion.add_argument("shell", metavar="bash|zsh|fish", type=_shell)


def _shell(text: str) -> str:
    if text not in ("bash", "zsh", "fish"):
        raise argparse.ArgumentTypeError(f"{text!r} is none of bash, zsh, fish")
    return text


def _completion(_link: Link, args: argparse.Namespace) -> int:
    from maquette.cli import parser

    known = dict(_commands(parser()))
    sys.stdout.write(_fish(known) if args.shell == "fish" else (ZSH if args.shell == "zsh" else "") + _bash(known))
    return endings.DONE


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """Each command with what it does, and the words that may follow it."""
    for action in parser._actions:  # argparse has no public way to list them
        if not isinstance(action, argparse._SubParsersAction):
            continue
        told = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, sub in action.choices.items():
            words = [option for one in sub._actions for option in one.option_strings if option.startswith("--")]
            verbs = [verb for verb, _ in _commands(sub)]
            yield name, (told.get(name, ""), verbs + words)


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
