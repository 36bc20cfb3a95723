"""A database with all tables in it, those of the engine too: to make others like it costs a fifth of laying theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from house.bases import bear
from maquette.store import Store
from maquette.testing.servers import Server


@pytest.fixture(scope="session")
def laid(server: Server) -> str:
    """Its name. It is laid by a process of its own: of DBOS there is one in each."""
    address = server.database()
    assert bear("seams.laying:lay", address).status() == 0
    return server.name(address)


@pytest.fixture
def database(server: Server, laid: str) -> str:
    """The address of one."""
    return server.database(laid)


def lay(words: Sequence[str]) -> None:
    Store.open(words[0]).close()
    asyncio.run(_come_and_go(words[0]))


async def _come_and_go(address: str) -> None:
    from maquette.engine.dbos import DBOSEngine  # and with it much that who tests no engine need not load

    engine = DBOSEngine(_nothing)
    await engine.open(address, "nobody")
    engine.close()


async def _nothing(thread: str, turn: str, run: str) -> None:
    pass
