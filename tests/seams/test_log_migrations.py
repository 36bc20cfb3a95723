"""One shape of the tables, whichever way a state came to it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from maquette.domain.errors import Refused, Unavailable
from maquette.domain.events import AnswerGiven, StopAsked
from maquette.domain.messages import Call, FromModel, Usage
from maquette.store import Log, Store, dialects, migrations, rebuild
from maquette.store.projections import costs
from maquette.testing.servers import Server

OF_POSTGRES = """
SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, identity_generation)
    FROM information_schema.columns WHERE table_schema = 'public'
UNION SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
"""


def shape(place: Path | str) -> set[tuple[str, str, str]]:
    """Each table, index and trigger with its SQL, spaces apart."""
    if isinstance(place, str):
        with psycopg.connect(place) as conn:
            rows = conn.execute(OF_POSTGRES).fetchall()
        return {(kind, name, said) for kind, name, said in rows if "alembic_version" not in name}
    path = place
    raw = sqlite3.connect(path)
    rows = raw.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name != 'alembic_version'")
    found = {(kind, name, re.sub(r"\s+", " ", sql)) for kind, name, sql in rows if not name.startswith("sqlite_auto")}
    raw.close()
    return found


@pytest.fixture
def place(bare: Path | str) -> Path | str:
    """Of a database without a table."""
    return bare


@pytest.fixture
def two(place: Path | str, server: Server) -> tuple[Path | str, Path | str]:
    """Two places of one kind."""
    return place, place.with_name("other.db") if isinstance(place, Path) else server.database()


def test_the_migrations_end_in_just_the_tables_that_the_code_describes(two: tuple[Path | str, Path | str]) -> None:
    fresh, migrated = two
    Log.open(fresh).close()
    dialects.make_file(migrated)
    engine = dialects.writing_engine(migrated)
    migrations.upgrade(engine)
    assert migrations.revision(engine) == migrations.NEWEST
    engine.dispose()
    assert shape(migrated) == shape(fresh)
    store = Store.open(migrated)
    store.log.append_now("a", StopAsked(turn="u"))
    assert rebuild(store) == []
    store.close()


def test_costs_of_before_there_were_quarters_of_an_hour_come_over(
    place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialects.make_file(place)
    engine = dialects.writing_engine(place)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "NEWEST", "0001")
        migrations.upgrade(engine)
    answer = FromModel(parts=(Call(id="c", name="shell", arguments="{}"),))
    for step, price in enumerate((Decimal("0.1"), Decimal("0.0000000028"), None), start=1):
        usage = Usage(input=100, cached=80, written=5, output=7, price=price)
        event = AnswerGiven(turn="u", step=step, seen=0, model="m", answer=answer, usage=usage)
        text = event.model_dump_json()
        at = 1_780_000_000_123_456 + step
        execute(place, f"INSERT INTO entries VALUES ({step}, 't', {step}, {at}, 'a{step}', '{text}')")
    migrations.upgrade(engine)
    engine.dispose()
    store = Store.open(place)
    assert rebuild(store) == []
    (cost,) = store.query_now(costs.costs, "thread")
    assert (cost.requests, cost.unpriced, cost.price) == (3, 1, Decimal("0.1000000028"))
    store.close()


def test_a_migration_that_fails_leaves_the_state_as_it_was(
    place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialects.make_file(place)
    engine = dialects.writing_engine(place)
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    (scripts / "env.py").write_text((migrations.SCRIPTS / "env.py").read_text())
    (scripts / "versions" / "0001_x.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('a', sa.Text))\n    raise RuntimeError('power cut')\n"
    )
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    monkeypatch.setattr(migrations, "NEWEST", "0001")
    with pytest.raises(RuntimeError, match="power cut"):
        migrations.upgrade(engine)
    engine.dispose()
    assert shape(place) == set()


def test_opening_a_state_that_is_up_to_date_loads_no_alembic(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from maquette.store import Log; "
        "[Log.open(Path(sys.argv[1])).close() for _ in range(2)]; sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path / "state.db")], check=False).returncode == 0


def execute(place: Path | str, statement: str) -> None:
    """As another program would."""
    with contextlib.closing(sqlite3.connect(place) if isinstance(place, Path) else psycopg.connect(place)) as raw:
        raw.execute(statement)  # type: ignore[arg-type]
        raw.commit()


def test_a_state_from_a_newer_version_is_refused_and_left_as_it_is(place: Path | str) -> None:
    Log.open(place).close()
    execute(place, "UPDATE alembic_version SET version_num = '9999'")
    before = place.read_bytes() if isinstance(place, Path) else shape(place)
    with pytest.raises(Refused, match="newer version") as caught:
        Log.open(place)
    assert caught.value.code == "newer-state"
    assert before == (place.read_bytes() if isinstance(place, Path) else shape(place))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"this is somebody's diary\n" * 100)
    with pytest.raises(Refused) as caught:
        Log.open(path)
    assert caught.value.code == "corrupt-state"
    assert path.read_bytes() == b"this is somebody's diary\n" * 100


def test_a_database_of_another_program_is_refused_and_not_written_to(place: Path | str) -> None:
    dialects.make_file(place)
    execute(place, "CREATE TABLE recipes (name TEXT)")
    before = shape(place)
    with pytest.raises(Refused) as caught:
        Log.open(place)
    assert caught.value.code == "foreign-state"
    assert shape(place) == before


def test_a_database_locked_by_another_program_is_no_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects.sqlite, "PATIENCE", 0.1)
    path = tmp_path / "state.db"
    log = Log.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        log.append_now("a", StopAsked(turn="u"))
    with pytest.raises(Unavailable, match="locked"):
        Log.open(path)
    assert log.read("a") == []
    other.execute("ROLLBACK")
    other.close()
    assert len(log.append_now("a", StopAsked(turn="u"))) == 1
    log.close()
