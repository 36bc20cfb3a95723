"""One Chromium for all of these tests, each of which has a second try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from browser.browsers import Person
    from house.bases import Machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine may be slower than a page's patience. Who needed the second try is told at the end, as `RERUN`."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Whose model plays what the file says."""
    from house.bases import played

    with played(tmp_path_factory.mktemp("m"), cast("Any", request).module.play) as machine:
        yield machine


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    from browser.browsers import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def person(machine: Machine, browser: Browser) -> Iterator[Person]:
    """One for all of a file that the same can see."""
    from browser.browsers import a_person

    with a_person(machine, browser) as person:
        yield person
