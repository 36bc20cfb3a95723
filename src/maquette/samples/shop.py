"""A small but real project to try things on: a bookshop's stock and orders, with a history and data files.

Its package holds code that nobody calls (`PLANTED`) beside code that only looks so (`ALIVE`).
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

AUTHOR = "Maquette sample"

PLANTED = (
    ("bookshop/books.py", "shelf_from_code"),
    ("bookshop/books.py", "_OLD_SHELF_CODES"),
    ("bookshop/books.py", "json"),
    ("bookshop/money.py", "rounded_for_cash"),
    ("bookshop/money.py", "_cash_steps"),
    ("bookshop/stock.py", "Shelf.centimetres_needed"),
    ("bookshop/orders.py", "Reminder"),
    ("bookshop/orders.py", "itertools"),
    ("bookshop/formats.py", "sniff_delimiter"),
    ("bookshop/formats.py", "_marks"),
    ("bookshop/reports.py", "sys"),
    ("bookshop/reports.py", "textwrap"),
    ("bookshop/reports_text.py", "boxed"),
    ("bookshop/reports_text.py", "_edge"),
    ("bookshop/keeping.py", "os"),
    ("bookshop/floppy.py", ""),
)
"""Path and qualified name (an import by what it binds; a whole module by an empty name). Two branches
that can't be reached are beside these, in `orders.standing` and in `reports.summary`."""

ALIVE = (
    ("bookshop/reports.py", "Reports.report_weekly", "getattr with a name put together"),
    ("bookshop/reports.py", "Reports.report_monthly", "getattr with a name put together"),
    ("bookshop/reports.py", "Reports.report_authors", "getattr with a name put together"),
    ("bookshop/formats.py", "rows_with_commas", "registered by a decorator"),
    ("bookshop/formats.py", "rows_with_tabs", "registered by a decorator"),
    ("bookshop/formats.py", "lines_of_json", "registered by a decorator"),
    ("bookshop/plugins.py", "ThankTheCustomer", "registered by inheriting"),
    ("bookshop/plugins.py", "NoteForTheDesk", "registered by inheriting"),
    ("bookshop/stock.py", "recount", "entry point"),
    ("bookshop/orders.py", "OrderLine", "re-exported, in __all__"),
    ("bookshop/__main__.py", "", "run with -m"),
    ("tests/conftest.py", "never_ask", "fixture"),
)
"""Path, qualified name, and what keeps it alive."""


def make_sample(folder: Path, *, today: date | None = None) -> None:
    """Makes the project in `folder` (made if need be, must be empty). The last commit is a day older than `today`."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    repo = Repo(folder, today or datetime.now(UTC).date())
    repo.git("init", "-q", "-b", "main")
    final = _files()
    for commit in _HISTORY:
        if commit.branch:
            repo.git("checkout", "-q", "-b", commit.branch)
        for path in commit.paths:
            text = final[path]
            for new, old in commit.older.items():
                text = text.replace(new, old)
            repo.write(path, text)
        repo.commit(commit.days_ago, commit.message)
        if commit.branch:
            repo.git("checkout", "-q", "main")
            repo.git(
                "merge",
                "-q",
                "--no-ff",
                "-m",
                f"Merge branch '{commit.branch}'",
                commit.branch,
                days_ago=commit.days_ago,
            )
        if commit.tag:
            repo.git("tag", "-a", commit.tag, "-m", f"Bookshop {commit.tag}", days_ago=commit.days_ago)


def make_till(folder: Path) -> None:
    """A folder without a repo, of what the till exported: six months, each a CSV file. `folder` is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    data = _data()
    for path in _SALES:
        (folder / Path(path).name).write_text(data[path], "utf-8")


@dataclass(frozen=True)
class _Commit:
    """`older` turns the last state of the text into what it was then: {what it says now: what it said}."""

    days_ago: int
    message: str
    paths: Sequence[str]
    older: Mapping[str, str]
    tag: str = ""
    branch: str = ""


_V1, _V2, _V3 = (f'version = "0.{n}.0"' for n in (1, 2, 3))
_FACE = "from bookshop.orders import Order, OrderLine\nfrom bookshop.stock import Stock\n"
_ALL = '__all__ = ["Book", "Order", "OrderLine", "Stock", "parse_isbn"]'
_TAX = 'Decimal("0.07")'
_SALES = tuple(f"data/sales/{month}.csv" for month in ("january", "february", "march", "april", "may", "june"))
_RECOUNT = '\nbookshop-recount = "bookshop.stock:recount"'
_SUPPLIERS = ("data/suppliers/nordbuch.csv", "data/suppliers/new-titles.tsv")
_ORDER_TESTS = ("tests/conftest.py", "tests/test_orders.py")
_HISTORY = (
    _Commit(
        171, "Books and their numbers",
        ("pyproject.toml", ".gitignore", "bookshop/__init__.py", "bookshop/books.py", "tests/test_books.py"),
        {_V3: _V1, _FACE: "", _ALL: '__all__ = ["Book", "parse_isbn"]', _RECOUNT: ""},
    ),
    _Commit(
        158, "Prices with tax, and what stands on the shelves", ("bookshop/money.py", "bookshop/stock.py"),
        {_TAX: 'Decimal("0.05")'},
    ),
    _Commit(
        143, "Orders, from the basket to the bill",
        (*(f"bookshop/{name}.py" for name in ("__init__", "orders", "plugins", "keeping")), *_ORDER_TESTS),
        {"timedelta(days=14)": "timedelta(days=30)"},
    ),
    _Commit(126, "Backups that fit on a disk", ("bookshop/floppy.py",), {}, tag="v0.1.0"),
    _Commit(
        104, "Read what suppliers send: CSV, TSV, JSON lines",
        ("bookshop/formats.py", "tests/test_formats.py", *_SUPPLIERS),
        {}, branch="suppliers",
    ),
    _Commit(
        88, "A command line",
        ("bookshop/cli.py", "bookshop/__main__.py", "tests/test_cli.py", "data/shop/stock.json"), {},
    ),
    _Commit(73, "The tax on books went up to 7 %", ("bookshop/money.py",), {}),
    _Commit(
        60, "Reports by week, month and author", ("bookshop/reports.py", "bookshop/reports_text.py", "pyproject.toml"),
        {_V3: _V2}, tag="v0.2.0",
    ),
    _Commit(41, "What the till exported, January to March", _SALES[:3], {}),
    _Commit(33, "Pay within two weeks, not a month", ("bookshop/orders.py",), {}),
    _Commit(
        24, "A README that says how to try it", ("README.md",),
        {"python -m bookshop --data data/shop report monthly\n": ""},
    ),
    _Commit(17, "What the till exported, April to June", _SALES[3:], {}),
    _Commit(
        11, "Returns, the web shop's orders and the customers",
        tuple(f"data/sales/{name}" for name in ("returns.tsv", "web-orders.jsonl", "customers.json")), {},
    ),
    _Commit(6, "Recount from the handheld", ("pyproject.toml",), {}, tag="v0.3.0"),
    _Commit(1, "README: reports, and where the data is", ("README.md",), {}),
)  # fmt: skip


class Repo:
    """A sample's, with a history that ends at `today`."""

    def __init__(self, folder: Path, today: date) -> None:
        self.folder, self.today = folder, today

    def git(self, *args: str, days_ago: int = 0) -> None:
        """Knows nothing of the person's own git settings."""
        when = datetime.combine(self.today - timedelta(days=days_ago), datetime.min.time(), UTC) + timedelta(hours=10)
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        for who in ("AUTHOR", "COMMITTER"):
            env |= {
                f"GIT_{who}_NAME": AUTHOR,
                f"GIT_{who}_EMAIL": "sample@maquette.invalid",
                f"GIT_{who}_DATE": when.isoformat(),
            }
        git = ["git", "-c", "maintenance.auto=false"]  # else each commit starts another git, which finds nothing to do
        subprocess.run([*git, *args], cwd=self.folder, env=env, check=True, capture_output=True)

    def commit(self, days_ago: int, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, days_ago=days_ago)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("cp1252" if path.endswith("nordbuch.csv") else "utf-8"))


def _files() -> dict[str, str]:
    """Each file's last state. The package's own are kept beside this one, as text."""
    found: dict[str, str] = {}
    root = resources.files("maquette.samples") / "bookshop"
    for folder in ("", "bookshop", "tests"):
        for file in (root / folder).iterdir() if folder else root.iterdir():
            name = file.name.removesuffix(".txt")
            if name != file.name:
                name = ".gitignore" if name == "gitignore" else name
                found[f"{folder}/{name}" if folder else name] = file.read_text("utf-8")
    return found | _data()


_TITLES = (
    ("9780141439587", "Emma", "Jane Austen", "9.90", "Classics"),
    ("9780140449136", "Crime and Punishment", "Fyodor Dostoevsky", "12.50", "Classics"),
    ("9780141441146", "Jane Eyre", "Charlotte Brontë", "8.50", "Classics"),
    ("9780141439471", "Frankenstein", "Mary Shelley", "7.90", "Fiction"),
    ("9780141439846", "Dracula", "Bram Stoker", "8.20", "Fiction"),
    ("9780140449266", "The Count of Monte Cristo", "Alexandre Dumas", "16.00", "Fiction"),
    ("9780141439556", "Wuthering Heights", "Emily Brontë", "8.50", "Classics"),
    ("9780140447934", "War and Peace", "Leo Tolstoy", "18.90", "Classics"),
    ("9780141441672", "The War of the Worlds", "H. G. Wells", "7.50", "Fiction"),
    ("9780140434583", "The Voyage of the Beagle", "Charles Darwin", "14.00", "Travel"),
)
_CUSTOMERS = (
    "Ada Brunner",
    "Björn Ek",
    "Chiara Rossi",
    "Dmitri Orlow",
    "Élise Petit",
    "Farid Haddad",
    "Greta Lang",
    "Hana Sato",
)
_NOTES = ("", "", "", "", "gift wrapped", "-10 % agreed by phone", "=see letter", "collects on Friday", "@desk 2")


def _data() -> dict[str, str]:
    chance = random.Random(1813)
    files = {path: _table(",", _till_columns, _till(chance, month)) for month, path in enumerate(_SALES, 1)}
    files["data/sales/returns.tsv"] = _table("\t", ("date", "receipt", "isbn", "copies", "reason"), _returns(chance))
    files["data/sales/web-orders.jsonl"] = "".join(
        json.dumps(o, ensure_ascii=False) + "\n" for o in _web_orders(chance)
    )
    files["data/sales/customers.json"] = json.dumps(_customers(chance), indent=1, ensure_ascii=False) + "\n"
    files["data/suppliers/nordbuch.csv"] = _table(";", ("isbn", "title", "author", "price", "shelf"), _TITLES[:7])
    files["data/suppliers/new-titles.tsv"] = _table("\t", ("isbn", "title", "author", "price", "shelf"), _TITLES[7:])
    stock = [
        {
            "isbn": isbn,
            "title": title,
            "author": author,
            "price": price,
            "shelf": shelf,
            "copies": chance.randint(2, 30),
        }
        for isbn, title, author, price, shelf in _TITLES
    ]
    files["data/shop/stock.json"] = json.dumps(stock, indent=1, ensure_ascii=False) + "\n"
    return files


_till_columns = ("receipt", "date", "isbn", "title", "copies", "price", "amount", "paid by card", "note")


def _till(chance: random.Random, month: int) -> list[tuple[object, ...]]:
    days = sorted(chance.choices(range(28), k=chance.randint(40, 60)))
    rows: list[tuple[object, ...]] = []
    for number, day in enumerate(days, 1):
        isbn, title, _, price, _ = chance.choice(_TITLES)
        copies = chance.choice((1, 1, 1, 2, 2, 3, 25))
        when = date(2024, month, 1 + day).isoformat()
        receipt = f"{month:02}{number:04}"
        card = chance.choice(("yes", "no"))
        rows.append((receipt, when, isbn, title, copies, price, Decimal(price) * copies, card, chance.choice(_NOTES)))
    return rows


def _returns(chance: random.Random) -> list[tuple[object, ...]]:
    def one(month: int) -> tuple[object, ...]:
        isbn, *_ = chance.choice(_TITLES)
        when = date(2024, month, chance.randint(1, 28))
        return (
            when,
            f"{month:02}{chance.randint(1, 40):04}",
            isbn,
            1,
            chance.choice(("damaged", "wrong title", "a gift, twice")),
        )

    return [one(month) for month in (1, 1, 2, 3, 3, 4, 5, 5, 6)]


def _web_orders(chance: random.Random) -> list[dict[str, object]]:
    def one(number: int) -> dict[str, object]:
        isbn, title, _, price, _ = chance.choice(_TITLES)
        placed = datetime(2024, 1, 1, 8, tzinfo=UTC) + timedelta(
            hours=number * 97 + chance.randint(0, 60), minutes=chance.randint(0, 59)
        )
        copies = chance.randint(1, 4)
        return {
            "order": f"W-{number:04}", "placed": placed.isoformat(), "customer": chance.choice(_CUSTOMERS),
            "isbn": isbn, "title": title, "copies": copies, "amount": float(Decimal(price) * copies),
            "shipped": chance.random() < 0.9,
        }  # fmt: skip

    return [one(number) for number in range(1, 46)]


def _customers(chance: random.Random) -> list[dict[str, object]]:
    return [
        {"customer": name, "since": date(2015 + chance.randint(0, 8), chance.randint(1, 12), 3).isoformat(),
         "postcode": f"0{chance.randint(1000, 9999)}", "town": chance.choice(("Leipzig", "Halle", "Dresden")),
         "newsletter": chance.random() < 0.5}
        for name in _CUSTOMERS
    ]  # fmt: skip


def _table(mark: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer: Callable[[Sequence[object]], object] = csv.writer(text, delimiter=mark, lineterminator="\n").writerow
    for row in (columns, *rows):
        writer(row)
    return text.getvalue()
