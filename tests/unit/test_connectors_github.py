"""What GitHub sends and answers is read as posts: what is told twice is one post, in the thread where it hangs."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maquette.connectors.github import CONNECTOR as GITHUB
from maquette.domain.errors import Refused
from maquette.domain.posts import Gone, Post
from maquette.triggers import bodies
from unit.connecting import batches, left_out, posts, source, told

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOURCE = source(GITHUB, "/none")
EXAMPLES = "@octokit/webhooks-examples@7.6.1"
DIGEST = (
    "0dee94dd707a3b70ed09aedb2a008ccd31dd7a8a6aa99e92362bcc6099caeb98"
    "9eaca2f5027348034b644580914bb970193efdd9df8fb3559b7c796ca3a3329d"
)
REPO = {"full_name": "shop/till"}
ANNA, BOT = {"login": "anna", "type": "User"}, {"login": "deps[bot]", "type": "Bot"}
ISSUE = {
    "html_url": "https://github.com/shop/till/issues/7",
    "title": "The till rounds twice",
    "body": "See @ben, and mail anna@shop.example. `@not`",
    "user": ANNA,
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-02T10:00:00Z",
    "assignees": [{"login": "cem"}],
    "reactions": {"url": "x", "total_count": 3, "+1": 2, "eyes": 1, "-1": 0},
}
COMMENT = {
    "html_url": "https://github.com/shop/till/issues/7#issuecomment-1",
    "body": "Only for cash.",
    "user": {"login": "ben"},
    "created_at": "2026-03-01T11:00:00Z",
    "updated_at": "2026-03-01T11:05:00Z",
}


def heard(event: str, payload: object) -> list[Post | Gone]:
    return list(GITHUB.heard(SOURCE, event, json.dumps(payload).encode(), NOW))


def test_an_issue_and_what_is_said_at_it_are_one_thread() -> None:
    (issue,) = heard("issues", {"action": "opened", "issue": ISSUE, "repository": REPO, "sender": ANNA})
    (comment,) = heard("issue_comment", {"action": "created", "issue": ISSUE, "comment": COMMENT, "repository": REPO})
    assert isinstance(issue, Post)
    assert isinstance(comment, Post)
    assert (issue.channel, issue.author, issue.to) == ("shop/till", "anna", ("cem", "ben"))
    assert (issue.reactions, issue.edited, issue.link) == ({"+1": 2, "eyes": 1}, None, ISSUE["html_url"])
    assert (comment.thread, comment.edited) == (issue.id, datetime(2026, 3, 1, 11, 5, tzinfo=UTC))


def test_the_api_tells_of_the_same_posts_as_a_webhook() -> None:
    by_hook = heard("issues", {"action": "opened", "issue": ISSUE, "repository": REPO})
    assert heard("", [ISSUE]) == by_hook
    assert (
        heard("", {"type": "IssuesEvent", "repo": {"name": "shop/till"}, "actor": ANNA, "payload": {"issue": ISSUE}})
        == by_hook
    )
    sha = {"sha": "abc", "html_url": "https://github.com/shop/till/commit/abc", "author": ANNA}
    message = {"message": "Round once\n\nNot twice.", "author": {"name": "Anna", "date": "2026-03-01T12:00:00Z"}}
    pushed = {
        "url": sha["html_url"],
        "message": message["message"],
        "author": {"name": "Anna"},
        "timestamp": "2026-03-01T13:00:00+01:00",
    }
    by_api = heard("", [{**sha, "commit": message}])
    assert heard("push", {"ref": "refs/heads/main", "commits": [pushed], "repository": REPO}) == by_api


def test_what_is_deleted_is_gone_and_what_is_closed_is_said_in_its_thread() -> None:
    assert heard("issue_comment", {"action": "deleted", "issue": ISSUE, "comment": COMMENT}) == [
        Gone(id=f"s:{COMMENT['html_url']}")
    ]
    issue, closed = heard(
        "issues", {"action": "closed", "issue": ISSUE, "repository": REPO, "sender": {"login": "ben"}}
    )
    assert isinstance(issue, Post)
    assert isinstance(closed, Post)
    assert (closed.text, closed.author, closed.thread) == ("closed: The till rounds twice", "ben", issue.id)


def test_what_no_person_wrote_is_told_in_a_line() -> None:
    run = {"name": "checks", "conclusion": "failure", "html_url": "https://github.com/shop/till/actions/1"}
    (post,) = heard("workflow_run", {"action": "completed", "workflow_run": run, "repository": REPO, "sender": BOT})
    assert isinstance(post, Post)
    assert (post.title, post.text, post.machine) == ("workflow run completed: checks", "failure", True)


def test_files_of_payloads_are_read_once_each(tmp_path: Path) -> None:
    (tmp_path / "issues.1.json").write_text(json.dumps({"action": "opened", "issue": ISSUE}))
    (tmp_path / "comments.jsonl").write_text(f"{json.dumps(COMMENT)}\n\n{json.dumps(COMMENT)}\n")
    (tmp_path / "broken.json").write_text("{")
    of = source(GITHUB, tmp_path)
    first = batches(GITHUB, of)
    assert [post.text for post in posts(first)] == ["Only for cash.", "Only for cash.", ISSUE["body"]]
    assert left_out(first) == {"files that hold no payload": 1}
    assert told(batches(GITHUB, of, first[-1].cursor)) == []


@pytest.mark.parametrize("sent", [b"", b"{", b"5", b'"x"', b"[1]", b'{"commits": [3]}'])
def test_what_is_no_payload_is_refused(sent: bytes) -> None:
    with pytest.raises(Refused):
        GITHUB.heard(SOURCE, "issues", sent, NOW)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any]]]:
    """As GitHub's community publishes them, with their events: of github.com and of four versions of its server."""
    folder = tmp_path_factory.mktemp("published")
    packed = subprocess.run(
        ["npm", "pack", "--silent", EXAMPLES], cwd=folder, capture_output=True, text=True, check=False, timeout=50
    )
    if packed.returncode != 0:
        pytest.skip(f"{EXAMPLES} can't be fetched here: {packed.stderr[-200:]}")
    file = folder / packed.stdout.strip()
    assert hashlib.sha512(file.read_bytes()).hexdigest() == DIGEST
    with tarfile.open(file) as tar:
        contents = [tar.extractfile(member) for member in tar if member.name.endswith("/index.json")]
        pages: list[list[dict[str, Any]]] = [json.load(content) for content in contents if content is not None]
    examples = [(kind["name"], payload) for page in pages for kind in page for payload in kind["examples"]]
    assert len(examples) == 726
    return examples


@pytest.mark.prove
@pytest.mark.needs("npm", "sudo apt-get install npm")
def test_every_payload_that_is_published_is_read(published: list[tuple[str, dict[str, Any]]]) -> None:
    assert [name for name, payload in published if not heard(name, payload)] == []


@pytest.mark.prove
@pytest.mark.needs("npm", "sudo apt-get install npm")
def test_every_payload_that_is_published_is_of_its_event_and_of_no_other(
    published: list[tuple[str, dict[str, Any]]],
) -> None:
    for name, payload in published:
        body = json.dumps(payload).encode()
        assert bodies.event(body, name) == bodies.event(body, "") == name
        for other in bodies.KNOWN - {name}:
            with pytest.raises(Refused):
                bodies.event(body, other)
