"""Routes that are made when they are asked for."""

from __future__ import annotations

import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from maquette.web import routes
from maquette.web.routes import Route


@pytest.fixture(autouse=True)
def changing_places() -> Generator[None]:
    """Threads do so as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_one_that_several_threads_ask_for_at_once_is_whole_for_each() -> None:
    together = Barrier(4)
    router = routes.api("nouns")

    @router.get("/nouns/{name}")
    async def noun(name: str, many: int = 1) -> dict[str, int]:
        return {name: many}

    [route] = router.routes
    assert isinstance(route, Route)

    def asked(_: int) -> object:
        together.wait(20)
        return route.dependant, route.response_field, route.app

    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(asked, range(4))
    assert all(other == first for other in others)
    with pytest.raises(AttributeError):
        _ = route.nothing_of_the_kind
