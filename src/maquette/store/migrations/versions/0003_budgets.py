"""Costs by quarters of an hour, so that a day is the person's, with the time worked; and caps, none of them older."""

import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
PAGE = 5_000


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("of", sa.Text, primary_key=True),
        sa.Column("per", sa.Text, primary_key=True),
        sa.Column("budget", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
    )
    op.drop_table("costs")
    costs = op.create_table(
        "costs",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, primary_key=True),
        sa.Column("quarter", BIG, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("requests", "unpriced")),
        *(sa.Column(name, BIG, nullable=False) for name in ("input", "cached", "written", "output", "price", "worked")),
    )
    op.create_index("costs_quarter", "costs", ["quarter"])
    if rows := _sums():
        op.bulk_insert(costs, rows)


def _sums() -> list[dict[str, Any]]:
    """What the log says. No answer of then tells how long it was worked on."""
    found: dict[tuple[str, str, int, str], dict[str, int]] = {}
    conn, last = op.get_bind(), 0
    while entries := conn.execute(
        sa.text(
            "SELECT cursor, stream, at, event FROM entries WHERE cursor > :last AND event LIKE '%answer.given%' "
            "ORDER BY cursor LIMIT :page"
        ),
        {"last": last, "page": PAGE},
    ).all():
        for cursor, stream, at, text in entries:
            last = cursor
            event: dict[str, Any] = json.loads(text)
            if event["type"] != "answer.given":
                continue
            usage: dict[str, Any] = event.get("usage") or {}
            quarter = at // 1_000_000 // 900
            names = ("requests", "unpriced", "input", "cached", "written", "output", "price", "worked")
            row = found.setdefault((stream, event["turn"], quarter, event["model"]), dict.fromkeys(names, 0))
            row["requests"] += 1
            for name in ("input", "cached", "written", "output"):
                row[name] += usage.get(name, 0)
            if usage.get("price") is not None:
                row["price"] += round(Decimal(usage["price"]).scaleb(12))
            elif not event.get("rules", False):
                row["unpriced"] += 1
    keys = ("thread", "turn", "quarter", "model")
    return [{**dict(zip(keys, key, strict=True)), **sums} for key, sums in found.items()]
