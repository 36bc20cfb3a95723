"""Runs that failed are counted by why, until one succeeds: those of before are counted from their receipts."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    failures = op.create_table(
        "failures",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, primary_key=True),
        sa.Column("automation", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last", sa.Boolean, nullable=False),
        sa.Column("over", BIG),
        sa.Column("by", sa.Text),
    )
    op.create_index("failures_last", "failures", ["automation", "last"])
    found = op.get_bind().scalars(sa.text("SELECT receipt FROM receipts WHERE state = 'ended'"))
    receipts = sorted(map(json.loads, found), key=lambda one: datetime.fromisoformat(one["ended"]))
    if rows := _counted(one for one in receipts if one["cause"] != "dry" and not one["slot"].startswith("idea:")):
        op.bulk_insert(failures, rows)


def _counted(receipts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    last: dict[str, dict[str, dict[str, Any]]] = {}
    for one in receipts:
        at = (datetime.fromisoformat(one["ended"]) - BEGAN) // timedelta(microseconds=1)
        standing = last.setdefault(one["automation"], {})
        if one["result"] in ("failed", "unmet", "budget"):
            reason = re.sub(r"\d+", "0", f"{one['result']}: {one['reason'] or one['proved']}")[:400]
            before = standing.get(reason)
            row = {"thread": one["thread"], "turn": one["turn"], "automation": one["automation"], "reason": reason}
            row |= {"at": at, "since": before["since"] if before else at, "times": before["times"] + 1 if before else 1}
            row |= {"last": True, "over": None, "by": None}
            if before:
                before["last"] = False
            standing[reason] = row
            rows.append(row)
        elif one["result"] in ("done", "unchecked") or (one["result"] == "nothing" and one["requests"]):
            for row in standing.values():
                row |= {"over": at, "by": one["thread"]}
            standing.clear()
    return rows
