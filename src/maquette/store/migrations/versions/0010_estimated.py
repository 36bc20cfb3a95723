"""Costs say of how many requests the tokens are our own estimate: so far of none."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SUMS = ("input", "cached", "written", "output", "price", "worked")


def upgrade() -> None:
    known = op.get_bind().execute(sa.text("SELECT * FROM costs")).mappings().all()
    op.drop_table("costs")
    costs = op.create_table(
        "costs",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, primary_key=True),
        sa.Column("quarter", BIG, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("requests", "unpriced", "estimated")),
        *(sa.Column(name, BIG, nullable=False) for name in SUMS),
    )
    op.create_index("costs_quarter", "costs", ["quarter"])
    if known:
        op.bulk_insert(costs, [{**row, "estimated": 0} for row in known])
