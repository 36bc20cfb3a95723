"""A migration that is killed leaves the state as it was, or as it was to become; the next start goes on from there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from house.bases import bear
from maquette.domain.errors import Refused
from maquette.domain.events import MessageSent
from maquette.store import Log, migrations

SECOND = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision, down_revision = "NEXT", "LAST"

def reached(step):
    if os.environ.get("DIE_AT") == step:
        os.kill(os.getpid(), signal.SIGKILL)

def upgrade():
    reached("begun")
    op.create_table("added", sa.Column("cursor", sa.Integer, primary_key=True), sa.Column("size", sa.Integer))
    reached("table")
    op.execute("INSERT INTO added SELECT cursor, length(event) FROM entries WHERE cursor <= 200")
    reached("half")
    op.execute("INSERT INTO added SELECT cursor, length(event) FROM entries WHERE cursor > 200")
    op.add_column("threads", sa.Column("extra", sa.Text))
    reached("whole")
"""
NEXT = f"{int(migrations.NEWEST) + 1:04}"
STEPS = ["begun", "table", "half", "whole", "committed"]


def numbered(script: str) -> str:
    return script.replace("NEXT", NEXT).replace("LAST", migrations.NEWEST)


def entries(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT * FROM entries ORDER BY cursor").fetchall()


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """As a later version of Maquette would have them."""
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    for name in ("env.py", *(f"versions/{one.name}" for one in migrations.SCRIPTS.glob("versions/*.py"))):
        (scripts / name).write_text((migrations.SCRIPTS / name).read_text())
    (scripts / f"versions/{NEXT}_more.py").write_text(numbered(SECOND))
    return scripts


@pytest.mark.parametrize("step", STEPS)
def test_f4_a_migration_killed_anywhere_is_before_or_after_and_completes(
    tmp_path: Path, scripts: Path, step: str
) -> None:
    path = tmp_path / "state/maquette.db"
    log = Log.open(path)
    for number in range(4):
        log.append_now(f"s{number}", *[MessageSent(id=f"m{n}", turn="u", text="x" * 2000) for n in range(100)])
    log.close()
    before = entries(path)

    def start(die_at: str) -> int:
        return bear("faults.migrating:main", str(scripts), NEXT, str(path), DIE_AT=die_at).status()

    assert start(step) == -9
    assert entries(path) == before
    assert revision(path) == (NEXT if step == "committed" else migrations.NEWEST)
    assert start("nowhere") == 0
    assert revision(path) == NEXT
    assert entries(path) == before
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*), sum(size) FROM added").fetchone() == (
            len(before),
            sum(len(str(entry[-1])) for entry in before),
        )
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with pytest.raises(Refused, match="newer version"):
        Log.open(path)
