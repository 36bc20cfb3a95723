"""Peers: each command that is on the PATH, given the same words on the same wire, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from maquette.testing.bench.subjects import Begun, Wire

FLOOR = "bare loop"


@dataclass(frozen=True)
class Peer:
    """`line` makes the command out of the words. Its home and folder are empty but for what it needs to find us."""

    name: str
    sandbox: str
    wires: Sequence[Wire]
    folder: Path
    env: Mapping[str, str]
    line: Callable[[str], Sequence[str]]

    def begin(self, words: str, wire: Wire) -> Begun:
        assert wire in self.wires
        return Begun(self.line(words), self.folder, self.env)


def peers(place: Path, variables: Mapping[str, str]) -> Iterator[Peer]:
    """The floor, then those that are here; one with a sandbox both with it and without."""
    yield _peer(FLOOR, "off", ["openai-chat"], place, variables, lambda words: _floor(variables, words))
    for command, with_it in (
        ("codex", _codex),
        ("claude", _claude),
        ("opencode", _opencode),
        ("pi", _pi),
        ("mini", _mini),
    ):
        if program := shutil.which(command):
            said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
            told = (said.stdout + said.stderr).split()
            version = next((word.strip(".") for word in told if word[:1].isdigit()), "")
            yield from with_it(program, f"{command} {version}".strip(), place, variables)


def _peer(
    name: str,
    sandbox: str,
    wires: Sequence[Wire],
    place: Path,
    variables: Mapping[str, str],
    line: Callable[[str], Sequence[str]],
    **more: str,
) -> Peer:
    home = place / name.replace(" ", "-").replace("/", "-")
    folder = home / "work"
    folder.mkdir(parents=True)
    subprocess.run(["git", "-C", str(folder), "init", "-q"], check=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return Peer(name, sandbox, wires, folder, {**kept, "HOME": str(home), **variables, **more}, line)


def _floor(variables: Mapping[str, str], words: str) -> list[str]:
    return [sys.executable, "-S", str(Path(__file__).with_name("floor.py")), variables["ANTHROPIC_BASE_URL"], words]


def _codex(program: str, name: str, place: Path, variables: Mapping[str, str]) -> Iterator[Peer]:
    ways = {"off": "--dangerously-bypass-approvals-and-sandbox", "workspace-write": "--sandbox=workspace-write"}
    for sandbox, way in ways.items():
        at = {
            "model_provider": '"scripted"',
            "model_providers.scripted.name": '"scripted"',
            "model_providers.scripted.base_url": f'"{variables["OPENAI_BASE_URL"]}"',
            "model_providers.scripted.env_key": '"OPENAI_API_KEY"',
            "model_providers.scripted.wire_api": '"responses"',
        }
        settings = [word for key, value in at.items() for word in ("-c", f"{key}={value}")]
        line = [program, "exec", "--skip-git-repo-check", way, "-m", "scripted", *settings]
        whole = f"{name}, sandbox {'on' if sandbox != 'off' else 'off'}"
        yield _peer(whole, sandbox, ["openai"], place, variables, lambda words, line=line: [*line, words])


def _claude(program: str, name: str, place: Path, variables: Mapping[str, str]) -> Iterator[Peer]:
    line = [program, "--print", "--model", "scripted", "--permission-mode", "bypassPermissions"]
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1"}
    yield _peer(name, "off", ["anthropic"], place, variables, lambda words: [*line, words], **quiet)


def _opencode(program: str, name: str, place: Path, variables: Mapping[str, str]) -> Iterator[Peer]:
    provider: dict[str, object] = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": variables["OPENAI_BASE_URL"], "apiKey": variables["OPENAI_API_KEY"]},
        "models": {"scripted": {}},
    }
    settings = orjson.dumps({"provider": {"scripted": provider}, "autoupdate": False, "share": "disabled"}).decode()
    line = [program, "run", "--model", "scripted/scripted"]
    more = {"OPENCODE_CONFIG_CONTENT": settings}
    yield _peer(name, "off", ["openai-chat"], place, variables, lambda words: [*line, words], **more)


def _pi(program: str, name: str, place: Path, variables: Mapping[str, str]) -> Iterator[Peer]:
    peer = _peer(
        name,
        "off",
        ["openai-chat"],
        place,
        variables,
        lambda words: [program, "--print", "--provider", "scripted", "--model", "scripted", words],
        PI_SKIP_VERSION_CHECK="1",
    )
    model = {
        "id": "scripted",
        "name": "scripted",
        "reasoning": False,
        "input": ["text"],
        "cost": dict.fromkeys(("input", "output", "cacheRead", "cacheWrite"), 0),
        "contextWindow": 10_000_000,
        "maxTokens": 100_000,
    }
    at = {"baseUrl": variables["OPENAI_BASE_URL"], "apiKey": "OPENAI_API_KEY", "api": "openai-completions"}
    file = peer.folder.parent / ".pi/agent/models.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(orjson.dumps({"providers": {"scripted": {**at, "models": [model]}}}))
    yield peer


def _mini(program: str, name: str, place: Path, variables: Mapping[str, str]) -> Iterator[Peer]:
    line = [program, "--yolo", "--exit-immediately", "--cost-limit", "0", "--model", "openai/scripted", "--task"]
    more = {"MSWEA_CONFIGURED": "true", "MSWEA_COST_TRACKING": "ignore_errors"}
    yield _peer(name, "off", ["openai-chat"], place, variables, lambda words: [*line, words], **more)
