"""What a base loads: models, the engine's workflows and a team's database come when somebody needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SHOWS = """
import asyncio, sys
from maquette import app
from maquette.settings import settings
from maquette.web import listening
from maquette.web.server import Server

async def ask(server, path):
    answers = []
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        answers.append(message.get("status", 200))
    about = {"headers": [(b"host", b"localhost")], "query_string": b"", "scheme": "http", "server": ("localhost", 80)}
    await server({"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), **about}, receive, send)
    return answers[0]

async def main():
    async with app.opened(settings()) as home:
        server = Server(home)
        assert [await ask(server, path) for path in ("/v1/health", "/", "/inbox", "/v1/threads")] == [200] * 4
    print(*sys.modules)

asyncio.run(main())
"""
HEAVY = {
    "PIL",
    "alembic",
    "anthropic",
    "dbos",
    "jsonschema",
    "mcp",
    "numpy",
    "openai",
    "openpyxl",
    "psycopg",
    "pydantic_ai",
    "rich",
    "sqlalchemy.orm",
    "maquette.cli.run",
}


def test_a_base_that_only_shows_its_pages_loads_nothing_that_they_do_not_need(tmp_path: Path) -> None:
    variables = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    ended = subprocess.run(
        [sys.executable, "-c", SHOWS],
        env={**variables, "HOME": str(tmp_path), "MAQUETTE_HOME": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert HEAVY & set(ended.stdout.split()) == set()
