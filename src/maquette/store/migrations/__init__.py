"""Brings a state's file to the shape this version writes. Alembic is loaded only when there is something to do."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, Table, Text, create_mock_engine, insert, inspect, select

from maquette.domain.errors import Refused
from maquette.store import dialects, projections, workers
from maquette.store.dialects import Place
from maquette.store.schema import ENTRIES, FENCES, METADATA

SCRIPTS = Path(__file__).parent
NEWEST = "0011"
"""The revision which the tables in the code describe. Revisions are numbers, counted up."""

VERSION = Table("alembic_version", METADATA, Column("version_num", Text, primary_key=True))


def migrate(where: Place) -> None:
    """Refused `newer-state` when a newer version of Maquette wrote it. Whole or not at all."""
    engine = dialects.writing_engine(where)
    try:
        version = revision(engine)
        if version is None:
            _create(engine)
        elif version != NEWEST:
            if not version.isdigit() or version > NEWEST:
                raise Refused(
                    f"{dialects.name(where)} was written by a newer version of Maquette "
                    f"(its state is {version}, this knows {NEWEST}); "
                    "upgrade, or choose another state folder.",
                    code="newer-state",
                )
            upgrade(engine)
    finally:
        engine.dispose()


def revision(engine: Engine) -> str | None:
    """None when the file is empty."""
    with engine.connect() as conn:
        tables = inspect(conn).get_table_names()
        if tables and VERSION.name not in tables:
            raise Refused("The database is of another program; choose another state folder.", code="foreign-state")
        if not tables:
            return None
        return conn.scalar(select(VERSION.c.version_num))


def upgrade(engine: Engine) -> None:
    """Runs the scripts from wherever the file is (empty, even) to the newest, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, NEWEST)


def _create(engine: Engine) -> None:
    with engine.begin() as conn:
        dialects.take_turn(conn, True)
        if inspect(conn).has_table(VERSION.name):  # another process was quicker
            return
        for statement in _statements(engine.dialect.name):
            conn.exec_driver_sql(statement)
        conn.execute(insert(VERSION), {"version_num": NEWEST})


@functools.cache
def _statements(dialect: str) -> tuple[str, ...]:
    """What makes an empty database ours: to put these into words takes longer than to execute them."""
    told: list[str] = []

    def tell(made: Any, *_: object, **__: object) -> None:
        told.append(str(made.compile(dialect=mock.dialect)))

    mock = create_mock_engine(f"{dialect}://", tell)
    of_workers = workers.TABLES if dialect == "postgresql" else []
    tables = [ENTRIES, FENCES, VERSION, *projections.TABLES, *of_workers]
    METADATA.create_all(mock, tables=tables, checkfirst=False)
    return tuple(told)
