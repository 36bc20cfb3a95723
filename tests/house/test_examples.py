"""Every example in the documents is run: one base with a scripted model, and each page in a shell of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from house.bases import PATIENCE, Machine, a_machine
from house.examples import MODEL, SHOWN, TYPED, blocks, fits, steps
from maquette.testing.models import ScriptedModels

pytestmark = pytest.mark.boxed

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "docs/reference/tools.md": "tests/kinds/test_tools.py",
    "docs/reference/scripted-models.md": "tests/seams/test_wires_server.py",
}
"""Pages whose examples have tests of their own."""
SHOWN_BY_THE_DEMO = "a picture of `make demo`, which tests/house/test_demo.py runs"
OTHERWISE = {
    "make demo": (":", "it sets up; its demo is run by tests/house/test_demo.py"),
    "make test": (":", "it runs this"),
    "maquette run 'delete the dead code' --project ~/maquette-demo/bookshop --mode worktree": (":", SHOWN_BY_THE_DEMO),
    "maquette diff 7g0j1a": (":", SHOWN_BY_THE_DEMO),
    "maquette merge 7g0j1a": (":", SHOWN_BY_THE_DEMO),
    'export PATH="$PWD/.venv/bin:$PATH"': (":", "done already: the page's folder is no clone"),
    "export OPENAI_BASE_URL=http://127.0.0.1:8080/v1": (":", "leads to a server of the reader's"),
    "maquette down": ("maquette doctor", "the base knows its models; tests/house/test_cli_base.py ends bases"),
    "maquette restore ~/safe/today.tar --aside": (":", "needs a base that is down; run by tests/house/test_backups.py"),
    "export MAQUETTE_DATABASE=postgresql://me@db.example/maquette": (":", "run on Postgres by tests/seams"),
    "maquette explore sample": (":", "takes a minute; made by tests/browser/test_explore.py"),
    "maquette serve": (":", "stays in the foreground; run by every test that has a base"),
    "maquette serve --worker": (":", "stays in the foreground; run by tests/seams/test_engine_together.py"),
    "uv pip install ./letters": (
        "uv pip install -q --target site --no-deps --no-build-isolation --offline ./letters; export PYTHONPATH=site",
        "not into the environment that runs the tests",
    ),
    "curl -H 'Content-Type: application/json' --data @spans.json http://127.0.0.1:4318/v1/traces": (
        ":",
        "a collector's; read as one reads it by tests/house/test_trajectories.py",
    ),
    'curl -H "Authorization: Bearer $(cat ~/.local/state/maquette/token)" http://127.0.0.1:4747/v1/threads': (
        ":",
        "this base is at another port; asked by tests/house/test_api.py",
    ),
    "curl --unix-socket ~/.local/state/maquette/base.sock http://localhost/v1/threads": (
        ":",
        "needs curl; asked by tests/house/test_api.py",
    ),
}
"""Lines that can't be run as they stand, by what is typed: what is run instead, and why."""
PAGES = {
    name: path
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    if (name := str(path.relative_to(ROOT))) not in ELSEWHERE and blocks(path)
}
MARK = "\x1e"


def typed(line: str) -> str:
    """Without what is remarked on it."""
    return line.partition("  #")[0].strip()


def said_otherwise(command: str) -> str:
    lines = (OTHERWISE.get(typed(line), (line, ""))[0] for line in command.splitlines())
    return "\n".join(lines)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Its base is shared by all pages. Who names no model gets the apprentice, as at first."""
    with (
        ScriptedModels(MODEL, checked=False) as models,
        a_machine(tmp_path_factory.mktemp("m"), {**models.variables, "MAQUETTE_MODEL": "apprentice:rules"}) as machine,
    ):
        machine.env["PATH"] = f"{Path(sys.executable).parent}:{machine.env['PATH']}"
        machine.ok("threads")
        yield machine


@pytest.fixture
def repo(machine: Machine, request: pytest.FixtureRequest) -> Path:
    """A repo of the reader's, where they are when the page begins."""
    path = Path(machine.env["HOME"]) / Path(request.node.callspec.params["page"]).stem
    path.mkdir()
    (path / "prices.py").write_text("RATE = 0.16\n\n\ndef gross(net):\n    return net + net * RATE\n")
    make = (
        'git init -qb main && git add . && git -c user.name=A -c user.email=a@example.org commit -qm "Prices with tax"'
    )
    subprocess.run(make, shell=True, cwd=path, env=machine.env, check=True)
    return path


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_to_type_works_and_answers_as_it_says(page: str, machine: Machine, repo: Path) -> None:
    examples = list(steps(PAGES[page]))
    script = "".join(f"printf '{MARK}'\n{said_otherwise(step.command)}\n" for step in examples)
    shell = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=repo,
        env=machine.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    came = shell.stdout.split(MARK)[1:]
    assert shell.returncode == 0, f"{examples[len(came) - 1].command}\n{came[-1]}"
    for step, output in zip(examples, came, strict=True):
        if step.output is not None and said_otherwise(step.command) == step.command:
            assert fits(step.output, output), f"{step.command}\n{output}"


@pytest.mark.timeout(120)  # one starts a base by itself, which takes seconds
@pytest.mark.parametrize("page", [name for name, path in PAGES.items() if "python" in dict(blocks(path))])
def test_a_test_that_a_page_shows_passes(
    page: str, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", machine.env["PATH"])
    names: dict[str, Any] = {}
    exec(compile(dict(blocks(PAGES[page]))["python"], page, "exec"), names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    test(tmp_path)


def test_every_block_says_what_it_is_and_every_exception_is_needed() -> None:
    languages = {language for path in PAGES.values() for language, _ in blocks(path)}
    assert languages <= TYPED | SHOWN
    lines = {typed(line) for path in PAGES.values() for step in steps(path) for line in step.command.splitlines()}
    assert set(OTHERWISE) <= lines


@pytest.mark.parametrize(
    ("told", "came", "fit"),
    [
        ("a …\nb", "a 1\nb\n", True),
        ("a\n…\nc", "a\nb\nb\nc", True),
        ("a\nb", "a\nb\nc", False),
        ("a.b", "axb", False),
    ],
)
def test_an_output_fits_with_anything_where_the_page_has_dots(told: str, came: str, fit: bool) -> None:
    assert fits(told, came) is fit
