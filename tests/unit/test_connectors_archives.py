"""Others' archives through the same importers: fetched with their digests, so only where `make prove` has a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maquette.connectors.mbox import CONNECTOR as MBOX
from unit.connecting import batches, left_out, posts, source

HYPERKITTY = "hyperkitty==1.3.12 --hash=sha256:4205862e1d323e972bcb7447f1962da925709c7be43e663ffdc7bc7fa51e514d\n"
"""The archiver of Mailman 3; its tests hold mail of real lists that broke it, by dates, charsets, folding."""


@pytest.mark.prove
def test_mail_of_lists_that_broke_another_archiver_is_read(tmp_path: Path) -> None:
    (tmp_path / "pinned.txt").write_text(HYPERKITTY)
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "-q", "--no-deps", "--require-hashes"]
    words = [*uv, "--target", str(tmp_path / "site"), "-r", str(tmp_path / "pinned.txt")]
    fetched = subprocess.run(words, capture_output=True, text=True, check=False, timeout=55)
    if fetched.returncode != 0:
        pytest.skip(f"hyperkitty can't be fetched here: {fetched.stderr[-200:]}")
    mails = sorted((tmp_path / "site/hyperkitty/tests/testdata").glob("*.txt"))
    with (tmp_path / "lists.mbox").open("wb") as file:
        for mail in mails:
            content = mail.read_bytes()
            own = b"" if content.startswith(b"From ") else b"From list@lists.example Mon Mar  2 11:00:00 2026\n"
            file.write(own + content + b"\n\n")
    shutil.rmtree(tmp_path / "site")
    read = batches(MBOX, source(MBOX, tmp_path / "lists.mbox"))
    assert (len(mails), left_out(read)) == (21, {})
    assert all(
        post.author and post.at <= datetime.now(UTC) and "\ufffd\ufffd\ufffd" not in post.title for post in posts(read)
    )
    assert {post.channel for post in posts(read)} > {"A source"}
    assert len(posts(read)) == 26, "some of the files hold several"
