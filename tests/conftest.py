"""Every test runs in a home of its own, without the person's keys, and either runs or says why it can't."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from house import workers
from house.memory import written_in_memory
from house.nursery import a_nursery

if TYPE_CHECKING:
    from house.clocks import ByHand
    from maquette.kinds.sandboxes import Sandbox
    from maquette.testing.servers import Server
    from maquette.workspace import Workspace

OTHERS = re.compile(
    r"^(GIT|MAQUETTE|XDG|OPENAI|ANTHROPIC|AZURE|AWS|GEMINI|GOOGLE|MISTRAL|OPENROUTER)_|_(API_KEY|TOKEN|SECRET)$"
    r"|^PYTHONUNBUFFERED$"
)
"""Variables that would lead a test to the person's state, keys, models or repositories, or hide what others see."""

_home: Path | None = None
_held = contextlib.ExitStack()
"""What this run has until its end."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before maquette is imported; each worker of xdist has its own home. Its path is short: sockets lie in it."""
    global _home
    for name in [name for name in os.environ if OTHERS.search(name)]:
        del os.environ[name]
    if (memory := _held.enter_context(written_in_memory())) and not config.option.basetemp:
        config.option.basetemp = f"{memory}/t"
    _home = Path(tempfile.mkdtemp(prefix="mq-"))
    os.environ["HOME"] = str(_home)
    os.environ["MAQUETTE_HOME"] = str(_home / "maquette")
    os.environ["GIT_CONFIG_NOSYSTEM"] = "1"
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test reaches the person's own
    if not hasattr(config, "workerinput"):
        place = Path(_held.enter_context(tempfile.TemporaryDirectory(prefix="mq-")), "nursery")
        os.environ["NURSERY"] = str(place)
        _held.enter_context(a_nursery(place))


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """The plugin that `scripts/setup` keeps from every other pytest: it opens a socket, which a box may not have."""
    if not pluginmanager.hasplugin("rerunfailures"):
        pluginmanager.import_plugin("pytest_rerunfailures")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """Workers come from the nursery too."""
    for spec in specs:
        spec.python = workers.PROGRAM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest comes first, so that no worker is left with it at the end."""
    items.sort(key=lambda item: -max((mark.args[0] for mark in item.iter_markers("timeout")), default=60))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """By which tier the tests were held: what is promised depends on it."""
    from maquette.kinds import registry
    from maquette.sandboxes import tiers

    sandboxes = cast("list[Sandbox]", registry.members("maquette.sandboxes", "SANDBOX"))
    probes = asyncio.run(tiers.probed(sandboxes))
    tier = next((probe.tier.value for probe in probes.values() if probe.works), "none")
    terminalreporter.write_line(f"sandbox of this machine: tier {tier}")


def pytest_unconfigure(config: pytest.Config) -> None:
    _held.close()
    if _home is not None:
        shutil.rmtree(_home, ignore_errors=True)


def _lacks(what: str, command: str) -> NoReturn:
    sentence = f"this machine lacks {what}; get it with: {command}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture
def lacks() -> Callable[[str, str], NoReturn]:
    """`lacks("user namespaces", "sysctl …")` ends the test: failed where CI=true, else skipped for all to see.

    For what is found out by trying; a program that must be on the PATH is asked for by the marker `needs`.
    """
    return _lacks


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("boxed"):
        from seams import boxes

        if not boxes.chosen():
            _lacks("a sandbox that contains commands", "sudo apt-get install bubblewrap libseccomp2")
    for marker in item.iter_markers("needs"):
        program, command = marker.args
        if shutil.which(program) is None:
            _lacks(program, command)
    if (longer := item.get_closest_marker("timeout")) and longer.args[0] > 60:
        faulthandler.dump_traceback_later(longer.args[0] + 30, exit=True)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def by_hand(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ByHand]:
    """One for all tests of a file."""
    from house.clocks import a_home_by_hand

    async with a_home_by_hand(tmp_path_factory.mktemp("a")) as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Of a state of its own."""
    from maquette.workspace import Workspace
    from seams.boxes import best

    return Workspace(tmp_path / "state", best())


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A Postgres server, shared by the tests of this process; each takes a database of its own."""
    from maquette.testing.servers import Server

    server = Server()
    yield server
    server.stop()
