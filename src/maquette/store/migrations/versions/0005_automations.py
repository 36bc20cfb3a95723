"""Automations, and a receipt for each of their slots. Nothing older tells of any, so the tables begin empty."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "automations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("automation", sa.Text, nullable=False),
    )
    op.create_table(
        "receipts",
        sa.Column("automation", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("upto", BIG),
        sa.Column("thread", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("automation", sa.Text, primary_key=True),
        sa.Column("wake", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
    )
    op.create_index("receipts_upto", "receipts", ["automation", "upto"])
    op.create_index("receipts_cursor", "receipts", ["cursor"])
    op.create_index("receipts_state", "receipts", ["state"])
    op.create_index("receipts_thread", "receipts", ["thread"])
