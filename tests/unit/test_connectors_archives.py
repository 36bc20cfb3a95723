"""Others' archives through the same importers: fetched with their digests, so only where `make prove` has a network."""

from __future__ import annotations

import hashlib
import mailbox
import re
import shutil
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maquette.connectors.imap import CONNECTOR as IMAP
from maquette.connectors.mbox import CONNECTOR as MBOX
from unit.connecting import batches, left_out, posts, source
from unit.mailboxes import PASSWORD
from unit.mailboxes import mailbox as running

HYPERKITTY = "hyperkitty==1.3.12 --hash=sha256:4205862e1d323e972bcb7447f1962da925709c7be43e663ffdc7bc7fa51e514d\n"
"""The archiver of Mailman 3; its tests hold mail of real lists that broke it, by dates, charsets, folding."""
NOTMUCH = "0e766df28b78bf4eb8235626ab1f52f04f1e366649325a8ce8d3c908602786f6"
"""Of its source, 0.37: what Debian 12 has."""


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


@pytest.mark.prove
@pytest.mark.needs("apt-get", "run it on Debian")
def test_threads_of_two_mailing_lists_are_read_as_they_were_written(tmp_path: Path) -> None:
    """263 mails of notmuch's own list and of the kernel's, some of which came over several lists."""
    file = _source_of("notmuch", tmp_path)
    with tarfile.open(file) as tar:
        members = [one for one in tar if one.isfile() and re.search(r"/corpora/(default|lkml)/.*:2,", one.name)]
        raws = [content.read() for one in members if (content := tar.extractfile(one)) is not None]
    box = mailbox.mbox(tmp_path / "lists.mbox")
    for raw in raws:
        box.add(raw)
    box.close()
    read = batches(MBOX, source(MBOX, tmp_path / "lists.mbox"))
    by_id = {post.id: post for post in posts(read)}
    named = {name[0] for raw in raws if (name := re.search(rb"(?im)^message-id:\s*<([^>]+)>", raw))}
    assert (len(raws), left_out(read)) == (len(posts(read)), {})
    assert len(by_id) == len(named) == 228
    assert {post.channel for post in by_id.values()} > {"A source", "notmuch"}
    answers = [post for post in by_id.values() if post.thread]
    assert len(answers) > 150
    assert sum(post.thread in by_id for post in answers) > len(answers) / 2
    assert not any(line.startswith(">") for post in answers for line in post.text.split("\n")[:1])
    with running() as server:
        server.put(*raws)
        again = {post.id: post for post in posts(batches(IMAP, source(IMAP, server.address), secret=PASSWORD))}
    assert {id: post.text for id, post in again.items()} == {id: post.text for id, post in by_id.items()}


def _source_of(name: str, folder: Path) -> Path:
    """What its authors publish, by this machine's own apt, in places that are nobody else's."""
    (folder / "parts").mkdir()
    for one in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("debian.*")):
        if one.is_file():
            text = re.sub(r"(?m)^Types: deb$", "Types: deb-src", one.read_text())
            (folder / "parts" / one.name).write_text(re.sub(r"(?m)^deb ", "deb-src ", text))
    places = {"Etc::sourcelist": "none", "Etc::sourceparts": "parts", "State": "state", "Cache": "cache"}
    options = [word for key, value in places.items() for word in ("-o", f"Dir::{key}={folder / value}")]
    for made in ("state/lists/partial", "cache/archives/partial"):
        (folder / made).mkdir(parents=True)
    for words in (["update"], ["source", "--download-only", name]):
        ran = subprocess.run(
            ["apt-get", "-q", *options, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=55
        )
        if ran.returncode != 0:
            pytest.skip(f"the source of {name} can't be fetched here: {ran.stderr[-200:]}")
    file = next(folder.glob(f"{name}_*.orig.tar.xz"))
    if hashlib.sha256(file.read_bytes()).hexdigest() != NOTMUCH:
        pytest.skip(f"{file.name} is another version of it than this test knows")
    return file
