"""The command: which stretch, what to say of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from .digest import Area, Churn, Digest, make, path_in, plain
from .history import MOST, Commit, NoHistory, Repo
from .phrases import LAST_RELEASE, NotUnderstood, Refs, Span, resolve, understand

DONE, BAD_INPUT = 0, 2
HOW = "Put together by rule from commit messages; no language model."


def main() -> int:
    options = _options()
    try:
        repo = Repo(Path.cwd())
        start, end, since, until, said = _stretch(options, repo)
        commits = repo.commits(since, until, start, end)
        digest = make(commits, repo.tags())
    except (NoHistory, NotUnderstood) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    title = f"{said}{_dates(start, end)}"
    notes = [f"Only the newest {MOST} commits were read."] if len(commits) >= MOST else []
    notes += ["This is a shallow clone: what is older than it is missing."] if repo.is_shallow else []
    print("\n".join(_markdown(title, digest, notes, options.most)))
    if options.json:
        options.json.write_text(_json(title, digest), "utf-8")
    return DONE


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="what_changed.py", description=__doc__)
    add = parser.add_argument
    add("--since", metavar="WHEN", help="a date, a phrase (“last month”, “3 weeks ago”) or a commit, tag or branch")
    add("--until", metavar="WHEN", help="likewise; a day, week or month is included whole (default: now)")
    add("--request", default="", metavar="TEXT", help="what the person asked; the stretch it names is taken")
    today = date.today()  # noqa: DTZ011  # the person's own day
    add("--today", type=date.fromisoformat, default=today, metavar="DATE", help="what “yesterday” is relative to")
    add("--most", type=int, default=8, metavar="N", help="lines for each part (default 8)")
    add("--json", type=Path, metavar="FILE", help="write the result as JSON, too")
    return parser.parse_args()


def _stretch(options: argparse.Namespace, repo: Repo) -> tuple[date | None, date | None, str | None, str, str]:
    """Days from and to (not included), commits after and up to, and how to call it."""
    today: date = options.today
    if not options.since and not options.until:
        found = understand(options.request, today)
        if isinstance(found, Refs):
            since, until = _commit(repo, found.since), _commit(repo, found.until)
            return found.start, found.end, since, until or "HEAD", found.said
        if found is not None:
            return found.start, found.end, None, "HEAD", found.said
        return today - timedelta(30), None, None, "HEAD", "the last 30 days, since none were named"
    first = resolve(options.since, today) if options.since else None
    last = resolve(options.until, today) if options.until else None
    return (
        first.start if isinstance(first, Span) else None,
        # “last month” alone means just that month; with an end of its own it only begins there.
        last.end if isinstance(last, Span) else None if last or not isinstance(first, Span) else _own_end(first, today),
        _commit(repo, first) if isinstance(first, str) else None,
        (_commit(repo, last) if isinstance(last, str) else None) or "HEAD",
        " to ".join(filter(None, (options.since, options.until))) if options.since else f"until {options.until}",
    )


def _own_end(span: Span, today: date) -> date | None:
    """A single day is a beginning; a named week, month or year is a stretch of its own."""
    if span.start is None or span.end is None or (span.end - span.start).days <= 1 or span.end > today:
        return None
    return span.end


def _commit(repo: Repo, name: str | None) -> str | None:
    if name is None:
        return None
    found = repo.last_release() if name == LAST_RELEASE else repo.commit(name)
    if found is None:
        raise NoHistory(f"“{name}” is neither a time that is understood here nor a commit of this repo.")
    return found


def _dates(start: date | None, end: date | None) -> str:
    if start is None and end is None:
        return ""
    last = (end - timedelta(1)).isoformat() if end else "now"
    return f" ({start.isoformat()} to {last})" if start and start.isoformat() != last else f" ({last})"


def _source(commit: Commit) -> str:
    return f"({commit.short}, {plain(commit.author, 40)}, {commit.when.date().isoformat()})"


def _markdown(title: str, digest: Digest, notes: Sequence[str], most: int) -> Iterator[str]:
    yield f"# What changed: {plain(title)}"
    yield ""
    yield f"{HOW} Each line names the commit it comes from."
    yield from notes
    yield ""
    if not digest.commits and not digest.merges:
        yield "Nothing was committed in that time."
        return
    total = digest.total
    yield (
        f"{_counted(total.commits, 'commit')} by {_counted(len(digest.people), 'person', 'people')}: "
        f"+{total.added} −{total.removed} lines in {_counted(len(digest.files), 'file')}."
    )
    yield from _part("Worth a look first", [f"{plain(c.subject)} {_source(c)}" for c in digest.notable], most)
    releases = [
        f"tag **{plain(t.name)}**: {plain(t.subject)} ({t.short}, {t.when.date().isoformat()})" for t in digest.tags
    ]
    merges = [f"{plain(c.subject)} {_source(c)}" for c in digest.merges]
    yield from _part("Releases and merges", [*releases, *merges], most)
    yield from ("", "## By folder")
    for area in digest.areas[:12]:
        yield from _area(area, most)
    if len(digest.areas) > 12:
        yield f"\n… and {len(digest.areas) - 12} more folders."
    yield from ("", "## Most changed files", "", "| file | commits | + | − | last in |", "|---|---|---|---|---|")
    for file in digest.files[:most]:
        yield f"| {path_in(file.name)} | {file.commits} | {file.added} | {file.removed} | {file.last} |"
    yield from _part("New files", [f"{path_in(path)} ({short})" for path, short in digest.born], most)
    yield from _part("Removed files", [f"{path_in(path)} ({short})" for path, short in digest.gone], most)
    yield from _part("Who", [_person(p) for p in digest.people], most)


def _area(area: Area, most: int) -> Iterator[str]:
    churn = area.churn
    yield from (
        "",
        f"### {path_in(area.name)}: {_counted(churn.commits, 'commit')}, +{churn.added} −{churn.removed}",
        "",
    )
    for commit in area.commits[:most]:
        yield f"- {plain(commit.subject)} {_source(commit)}"
    rest = area.commits[most:]
    if rest:
        yield f"- … and {len(rest)} more: {', '.join(c.short for c in rest[:20])}{' …' if len(rest) > 20 else ''}"


def _part(title: str, lines: Sequence[str], most: int) -> Iterator[str]:
    if lines:
        yield from ("", f"## {title}", "")
        yield from (f"- {line}" for line in lines[:most])
        if len(lines) > most:
            yield f"- … and {len(lines) - most} more"


def _person(person: Churn) -> str:
    size = f"{_counted(person.commits, 'commit')}, +{person.added} −{person.removed}"
    return f"{plain(person.name, 60)}: {size} (last {person.last})"


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _json(title: str, digest: Digest) -> str:
    """Keys: title, how, commits, merges, tags, areas, files, people, new, removed; hashes are whole in commits."""
    told = {
        "title": title,
        "how": HOW,
        "commits": [_told(c) for c in digest.commits],
        "merges": [_told(c) for c in digest.merges],
        "tags": [
            {"name": t.name, "commit": t.short, "when": t.when.isoformat(), "subject": t.subject} for t in digest.tags
        ],
        "areas": [{"name": a.name, "commits": [c.short for c in a.commits], **_sizes(a.churn)} for a in digest.areas],
        "files": [{"path": f.name, "commits": f.commits, "last": f.last, **_sizes(f)} for f in digest.files],
        "people": [{"name": p.name, "commits": p.commits, "last": p.last, **_sizes(p)} for p in digest.people],
        "new": [{"path": path, "commit": short} for path, short in digest.born],
        "removed": [{"path": path, "commit": short} for path, short in digest.gone],
    }
    return json.dumps(told, indent=1, ensure_ascii=False)


def _told(commit: Commit) -> dict[str, str]:
    return {"hash": commit.hash, "author": commit.author, "when": commit.when.isoformat(), "subject": commit.subject}


def _sizes(churn: Churn) -> dict[str, int]:
    return {"added_lines": churn.added, "removed_lines": churn.removed}
