"""What somebody is told who types `maquette` alone."""

from __future__ import annotations

import re

import pytest

from maquette import cli


def test_who_names_no_command_is_told_where_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    told = capsys.readouterr().out
    named = re.findall(r"maquette (\w+)", told)
    assert named == ["run", "open", "inbox", "doctor"]
    assert set(named) <= set(cli.all_commands().known)
