"""Where keys are kept, and what is never kept."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from keyring.backend import KeyringBackend

from maquette.connections import Connections, vaults
from maquette.domain.errors import Refused

KEY = "sk-canary-0123456789"
HERE = "http://127.0.0.1:9/v1"


class Ring(KeyringBackend):
    """A system's keyring, as far as we see one; it may be broken, or wait for somebody to unlock it."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = threading.Event()
        self.locked: threading.Event | None = None
        self.broken = False

    def set_password(self, service: str, username: str, password: str) -> None:
        self.asked.set()
        if self.locked is not None:
            self.locked.wait(10)
        if self.broken:
            raise RuntimeError(f"can't keep {password}")
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setattr(vaults, "SYSTEMS", (type(ring).__module__.split(".")[-1],))
    return ring


def holding(folder: Path, secret: str) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if secret.encode() in path.read_bytes()]


def test_without_a_keyring_a_key_is_sealed_and_a_copy_of_the_state_gives_it_away_to_nobody(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    kept = Connections(state).keep("mine", "openai-chat", HERE, KEY)
    assert (kept.key(), kept.kept) == (KEY, "a sealed file")
    assert Connections(state).all()["mine"].key() == KEY, "also for who opens the state anew"
    assert not holding(tmp_path, KEY)
    assert {path.stat().st_mode & 0o777 for path in (*state.iterdir(), tmp_path / "state.seal")} == {0o600}

    shutil.copytree(state, tmp_path / "elsewhere/state")
    copied = Connections(tmp_path / "elsewhere/state")
    with pytest.raises(Refused, match="Connect mine anew"):
        copied.all()["mine"].key()
    assert copied.keep("mine", "openai-chat", HERE, "another").key() == "another"
    assert Connections(tmp_path / "elsewhere/state").all()["mine"].key() == "another"


@pytest.mark.parametrize("at", range(1, 5))
def test_after_a_kill_at_any_step_of_keeping_a_key_the_next_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """What a step had written is there: the first time, a seal is made too."""
    (tmp_path / "s").mkdir()
    steps = iter(range(1, 100))
    opened = os.open

    def killed(path: str, flags: int, mode: int = 0o777) -> int:
        came = opened(path, flags, mode)
        if flags & os.O_CREAT and next(steps) == at:
            os.close(came)
            raise KeyboardInterrupt
        return came

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", killed)
        with suppress(KeyboardInterrupt):
            Connections(tmp_path / "s").keep("first", "openai-chat", HERE, KEY)
    assert Connections(tmp_path / "s").keep("mine", "openai-chat", HERE, KEY).key() == KEY
    assert Connections(tmp_path / "s").all()["mine"].key() == KEY


def test_a_file_that_can_not_be_read_is_not_written_over(tmp_path: Path) -> None:
    torn = tmp_path / "connections.json"
    torn.write_text('{"connections": [{')
    with pytest.raises(Refused, match="mend it"):
        Connections(tmp_path).keep("mine", "openai-chat", HERE, KEY)
    assert torn.read_text() == '{"connections": [{'
    assert not (tmp_path / "keys.sealed").exists()


def test_a_keyring_that_works_keeps_the_key_and_no_file_does(tmp_path: Path, ring: Ring) -> None:
    kept = Connections(tmp_path / "s").keep
    (tmp_path / "s").mkdir()
    assert kept("mine", "openai-chat", HERE, KEY).kept == "the system's keyring"
    assert list(ring.kept.values()) == [KEY]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["connections.json"]
    again = Connections(tmp_path / "s")
    assert again.all()["mine"].key() == KEY
    assert again.keep("mine", "openai-chat", HERE, "newer").key() == "newer"
    assert list(ring.kept.values()) == ["newer"], "the old one is gone"
    again.forget("mine")
    assert not ring.kept
    assert not again.all()


@pytest.mark.parametrize("fault", ["broken", "locked", "none"])
def test_a_keyring_that_does_not_work_is_passed_over(
    tmp_path: Path, ring: Ring, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vaults, "PATIENCE", 0.2)
    ring.broken = fault == "broken"
    ring.locked = threading.Event() if fault == "locked" else None
    if fault == "none":
        monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    (tmp_path / "s").mkdir()
    connections = Connections(tmp_path / "s")
    assert connections.keep("mine", "openai-chat", HERE, KEY).kept == "a sealed file"
    connections.forget("mine")
    assert not holding(tmp_path, KEY)
    if ring.locked:
        ring.locked.set()


def test_nobody_who_looks_at_what_is_connected_waits_for_a_keyring(tmp_path: Path, ring: Ring) -> None:
    connections, ring.locked = Connections(tmp_path), threading.Event()
    with ThreadPoolExecutor() as pool:
        keeping = pool.submit(connections.keep, "mine", "openai-chat", HERE, KEY)
        assert ring.asked.wait(5)
        try:
            assert pool.submit(connections.all).result(5) == {}
        finally:
            ring.locked.set()
        keeping.result(5)


def test_what_another_process_of_the_state_connects_is_seen(tmp_path: Path) -> None:
    one, other = Connections(tmp_path), Connections(tmp_path)
    assert not other.all()
    one.keep("mine", "openai-chat", HERE, "")
    assert other.all()["mine"].key() == ""
    one.forget("mine")
    assert not other.all()


@pytest.mark.parametrize(
    ("name", "address", "key"),
    [
        ("Mine!", HERE, ""),
        ("mine", "ftp://here", ""),
        ("mine", "http://me:secret@here/v1", ""),
        ("mine", "http://[", ""),
        ("mine", HERE, "two words"),
        ("mine", HERE, "schlüssel"),
    ],
)
def test_what_can_be_no_name_address_or_key_is_refused_without_the_key(
    tmp_path: Path, name: str, address: str, key: str
) -> None:
    with pytest.raises(Refused) as refused:
        Connections(tmp_path).keep(name, "openai-chat", address, key)
    assert not key or key not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_name_that_leads_elsewhere_already_is_not_taken_over(tmp_path: Path) -> None:
    connections = Connections(tmp_path)
    connections.keep("mine", "openai-chat", HERE, "")
    with pytest.raises(Refused, match="already"):
        connections.keep("mine", "openai-chat", "http://127.0.0.1:10/v1", KEY)
    assert connections.all()["mine"].address == HERE
