"""Explorations, their attempts and votes, and decisions. Nothing older tells of any, so the tables begin empty."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "explorations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("exploration", sa.Text, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("exploration", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("begins", sa.Text, nullable=False),
        sa.Column("gathered", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
    )
    op.create_index("attempts_thread", "attempts", ["thread"])
    op.create_table(
        "votes",
        sa.Column("exploration", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("vote", sa.Text, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
    )
    op.create_index("decisions_project", "decisions", ["project"])
