"""Where a provider is and with which key."""

from __future__ import annotations

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maquette.providers.wires.endpoint import ANTHROPIC, OPENAI, Endpoint, Vendor, WireProvider


@pytest.mark.parametrize(
    ("vendor", "environment", "ready", "told"),
    [
        (OPENAI, {}, False, ["OPENAI_API_KEY", "OPENAI_BASE_URL"]),
        (OPENAI, {"OPENAI_API_KEY": ""}, False, ["OPENAI_API_KEY"]),
        (OPENAI, {"OPENAI_API_KEY": "secret"}, True, ["api.openai.com", "OPENAI_API_KEY"]),
        (OPENAI, {"OPENAI_BASE_URL": "http://localhost:11434/v1"}, True, ["localhost:11434", "without a key"]),
        (OPENAI, {"OPENAI_BASE_URL": "http://me:secret@box:99/v1"}, True, ["http://box:99/v1"]),
        (OPENAI, {"ANTHROPIC_API_KEY": "secret"}, False, ["OPENAI_API_KEY"]),
        (ANTHROPIC, {}, False, ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"]),
        (ANTHROPIC, {"ANTHROPIC_AUTH_TOKEN": "secret"}, True, ["ANTHROPIC_AUTH_TOKEN"]),
        (ANTHROPIC, {"ANTHROPIC_BASE_URL": ""}, False, ["ANTHROPIC_API_KEY"]),
    ],
)
def test_what_is_missing_is_told_by_its_variable(
    vendor: Vendor, environment: dict[str, str], ready: bool, told: list[str]
) -> None:
    endpoint = Endpoint.of(vendor, environment)
    assert endpoint.connected.ready is ready
    assert all(word in endpoint.connected.detail for word in told)
    assert "secret" not in endpoint.connected.detail + repr(endpoint)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:9/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.7", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, here: bool) -> None:
    assert Endpoint(OPENAI, url).on_loopback is here


def test_a_server_that_speaks_alike_is_not_the_vendors() -> None:
    assert Endpoint(OPENAI, "https://api.openai.com/v1/").at_home
    assert not Endpoint(OPENAI, "https://api.openai.com.example.org/v1").at_home


def test_wires_are_loaded_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a base comes up to a turn on one wire and prepares another: both import the same large packages."""
    (tmp_path / "meeting.py").write_text("import threading\nbarrier, met = threading.Barrier(2), []\n")
    for name in ("wire_a", "wire_b"):
        (tmp_path / f"{name}.py").write_text(
            "import contextlib, threading, meeting\n"
            "with contextlib.suppress(threading.BrokenBarrierError):\n"
            "    meeting.met.append(meeting.barrier.wait(0.3))\n"
            "def converse(endpoint, name): ...\n"
        )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with ThreadPoolExecutor() as threads:
        for loading in [threads.submit(WireProvider("x", OPENAI, name).preload) for name in ("wire_a", "wire_b")]:
            loading.result(10)
    assert {"wire_a", "wire_b"} <= set(sys.modules)
    assert importlib.import_module("meeting").met == []
