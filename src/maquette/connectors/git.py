"""A git history: each commit says what was done and why. Read in a box, for a repo may have been made to do harm."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from pathlib import Path

from maquette.connectors import plain
from maquette.domain.errors import Refused
from maquette.domain.posts import Post, Source
from maquette.kinds.connectors import Batch, Means
from maquette.workspace.git import Git, Gits
from maquette.workspace.repos import Where, locate

MANY = 2_000
_FORM = "%H%x00%an%x00%ct%x00%s%x00%b%x00"
_FIELDS = 5


class GitHistory:
    kind = "git"
    about = "a folder with a git repo"
    options: Mapping[str, str] = {
        "branch": "which branch; else the one that is checked out",
        "link": "where a commit is found, before its hash: https://code.example/shop/commit/",
    }
    wants_secret = False

    def check(self, source: Source) -> None:
        _where(source)

    async def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        """The cursor is the newest commit that was read, of the oldest first. One that was rewritten stays."""
        where = _where(source)
        async with Gits(means.sandbox, means.scratch).open(
            where.git_dir, work_tree=where.top, readable=where.places
        ) as opened:
            git = await opened.tamed()
            head = await git.commit_of(source.options.get("branch", "HEAD"))
            if head is None:
                if branch := source.options.get("branch"):
                    raise Refused(f"{source.at} has no branch {branch}.", code="odd-source")
                yield Batch((), cursor)
                return
            since = [f"^{cursor}"] if cursor and await git.commit_of(cursor) else []
            # Only their hashes first: a few million of them are held easily, their words needn't be.
            hashes = (await git.text("rev-list", "--reverse", head, *since)).split()
            for number in range(0, len(hashes), MANY):
                some = hashes[number : number + MANY]
                posts = [post async for post in _told(source, git, some)]
                progress = f"{number + len(some):,} of {len(hashes):,} commits"
                yield Batch(posts, some[-1], progress=progress)
            if not hashes:
                yield Batch((), head)


async def _told(source: Source, git: Git, hashes: list[str]) -> AsyncIterator[Post]:
    ran = await git.run(
        *("log", "--stdin", "--no-walk=unsorted", "-z", f"--format={_FORM}", "--encoding=UTF-8", "--no-show-signature"),
        *("--no-patch", "--no-notes"),
        stdin="\n".join(hashes).encode(),
    )
    for post in _posts(source, ran.out):
        yield post


def _posts(source: Source, out: bytes) -> Iterator[Post]:
    fields = [field.decode("utf-8", "replace") for field in out.split(b"\0")]
    channel, link = plain.line(source.name), source.options.get("link", "")
    step = _FIELDS + 1  # what -z puts after each
    for n in range(0, len(fields) - _FIELDS, step):
        key, author, stamp, subject, body = fields[n : n + _FIELDS]
        at = plain.moment(stamp)
        if at is not None:
            yield Post(
                id=f"{source.id}:{key}",
                source=source.id,
                channel=channel,
                author=plain.line(author) or "?",
                at=at,
                title=plain.line(subject),
                text=plain.cut(body),
                link=f"{link}{key}" if link else "",
                machine=author.endswith("[bot]"),
            )


def _where(source: Source) -> Where:
    where = locate(Path(source.at)) if Path(source.at).is_dir() else None
    if where is None:
        raise Refused(f"{source.at} is in no git repo.", code="odd-source")
    return where


CONNECTOR = GitHistory()
