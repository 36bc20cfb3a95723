"""What a person did with what was in the inbox. Nothing older tells of any, so the table begins empty."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("read", sa.Boolean, nullable=False),
        sa.Column("done", BIG),
        sa.Column("until", BIG),
    )
