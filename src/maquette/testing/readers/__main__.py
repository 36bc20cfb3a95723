"""What ten replies get, reader by reader and day by day, as a page.

python -m maquette.testing.readers [SEED …] [--page docs/reference/learning.md]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

from maquette.testing.readers.trials import REPLIES, Trial, trial

SEEDS = range(1, 21)
HOW = """\
Simulated readers (`testing/readers/`), each with a hidden taste: topics by words of the raw text, one of them only with
another word behind it; a person whom they want to hear whatever it is about, and one only on one topic; trouble in one
topic; rooms they can't stand, unless somebody dear writes there. Nothing of the ranker may import what a taste is, nor
the other way round: `make check` holds both to it. Each reads a report of twelve lines a day, made out of {posts} posts
that twenty-six people and four programs wrote that day in twenty channels, and replies twice a day until they have said
{replies} things; then they only read. A reply is about a line that is wrong (“bad 3”, “less #random”) or about a post
that they heard of elsewhere: by its link, or in a plain form (“more from Ada”)."""
MEASURES = """\
*Precision* is the part of the lines that the reader wanted, *recall* the part of what a report of this length could
have had. *Gain* is measured on the days after the last reply, of which nothing was taught: which part of what lies
between the reports of somebody who says nothing and reports without a fault was got. *Cases* are replayed at the
end."""
HALF = 0.5


def page(seeds: Sequence[int], trials: Sequence[Trial], seconds: float) -> Iterator[str]:
    """In Markdown, line by line."""
    gains = [of.gain() for of in trials]
    yield from ("# Reports that learn, measured", "")
    yield f"By `python -m maquette.testing.readers`, {datetime.now(UTC):%Y-%m-%d}; Python {platform.python_version()};"
    yield f"{seconds:.0f} s of one core."
    yield from ("", HOW.format(posts=trials[0].posts, replies=REPLIES), "", MEASURES, "")
    yield from (f"## What {REPLIES} replies get", "", "| | |", "| --- | ---: |")
    yield f"| gain: median, mean, worst | {median(gains):.0%}, {mean(gains):.0%}, {min(gains):.0%} |"
    yield f"| readers who got at least half | {sum(gain >= HALF for gain in gains)} of {len(gains)} |"
    yield f"| cases, and those of them lost | {sum(of.cases for of in trials)}, {sum(len(of.red) for of in trials)} |"
    few = [
        f"reader {seed} ({gain:.0%}), of whose replies {_sorts(of)[0]} say only that a line was wrong"
        for seed, of, gain in zip(seeds, trials, gains, strict=True)
        if gain < HALF
    ]
    if few:
        yield from ("", f"Less than half got {'; '.join(few)}: what nobody names can't be learned.")
    yield from ("", "## By day", "")
    yield "| day | replies before | precision: median, worst | recall: median, worst | precision, untaught: median |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for day in range(len(trials[0].scores)):
        right, found = ([getattr(of.scores[day], name) for of in trials] for name in ("precision", "recall"))
        said = mean(sum(at < day for at, _, _ in of.replies) for of in trials)
        untaught = median(of.untaught[day].precision for of in trials)
        yield f"| {day + 1} | {said:.1f} | {_both(right)} | {_both(found)} | {untaught:.0%} |"
    yield from ("", "## By reader", "")
    yield "Replies are counted as “bad”, by link, and in a plain form; precision and recall are of the days after."
    yield from (
        "",
        "| reader | bad, link, form | precision | recall | gain | cases, lost |",
        f"| ---: |{' ---: |' * 5}",
    )
    for seed, of, gain in zip(seeds, trials, gains, strict=True):
        after = of.scores[of.taught_by :]
        right, found = mean(one.precision for one in after), mean(one.recall for one in after)
        said = f"{', '.join(map(str, _sorts(of)))} | {right:.0%} | {found:.0%} | {gain:.0%}"
        yield f"| {seed} | {said} | {of.cases}, {len(of.red)} |"
    yield ""


def _both(of: Sequence[float]) -> str:
    return f"{median(of):.0%}, {min(of):.0%}"


def _sorts(of: Trial) -> tuple[int, int, int]:
    bad, link = (sum(text.startswith(start) for _, text, _ in of.replies) for start in ("bad", "missed"))
    return bad, link, len(of.replies) - bad - link


def main() -> None:
    parser = argparse.ArgumentParser("python -m maquette.testing.readers", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, help="which readers; else 1 to 20")
    parser.add_argument("--page", type=Path, help="write it there, in Markdown")
    args = parser.parse_args()
    seeds: Sequence[int] = args.seeds or SEEDS
    trials: list[Trial] = []
    began = time.process_time()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            trials.append(trial(Path(folder), seed))
        came = trials[-1]
        sys.stderr.write(f"reader {seed}: gain {came.gain():.2f}, {came.cases} cases, {len(came.red)} lost\n")
    told = "\n".join(page(seeds, trials, time.process_time() - began))
    sys.stdout.write(told)
    if args.page is not None:
        args.page.write_text(told)


if __name__ == "__main__":
    main()
