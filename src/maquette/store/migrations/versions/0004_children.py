"""Which threads do a part of whose work. Nothing older tells of any, so the table begins empty."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "children",
        sa.Column("parent", sa.Text, primary_key=True),
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("child", sa.Text, nullable=False),
        sa.Column("begins", sa.Text, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("reported", sa.Boolean, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
    )
    op.create_index("children_child", "children", ["child"])
    op.create_index("children_reported", "children", ["reported"])
