"""Everything there was at first.

Written out, and never to be changed: the tables in the code move on. A later revision that changes a projection may
also drop and create it, and leave it to `maquette rebuild` to fill it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    log()
    projections()
    if op.get_context().dialect.name == "sqlite":
        words()
    else:
        words_beside()
        workers()


def log() -> None:
    op.create_table(
        "entries",
        sa.Column("cursor", BIG, primary_key=True, autoincrement=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("once", sa.Text),
        sa.Column("event", sa.Text, nullable=False),
        sa.UniqueConstraint("stream", "position", name="entries_place"),
    )
    there = sa.text("once IS NOT NULL")
    op.create_index(
        "entries_once", "entries", ["stream", "once"], unique=True, sqlite_where=there, postgresql_where=there
    )
    op.create_table(
        "fences",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("epoch", BIG, nullable=False),
    )


def projections() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("turn", sa.Text),
        sa.Column("open", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("checked", sa.Boolean),
        sa.Column("merged", sa.Boolean, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("tokens", BIG, nullable=False),
        sa.Column("price", BIG, nullable=False),
        sa.Column("unpriced", sa.Integer, nullable=False),
        sa.Column("started", BIG, nullable=False),
        sa.Column("changed", BIG, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, primary_key=True),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stopping", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("queued", BIG, nullable=False),
        sa.Column("finished", BIG),
    )
    op.create_index("turns_due", "turns", ["state", "cursor"])
    op.create_index("turns_turn", "turns", ["turn"])
    op.create_table(
        "waits",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("digest", sa.Text),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
    )
    op.create_table(
        "costs",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("unpriced", sa.Integer, nullable=False),
        sa.Column("input", BIG, nullable=False),
        sa.Column("cached", BIG, nullable=False),
        sa.Column("written", BIG, nullable=False),
        sa.Column("output", BIG, nullable=False),
        sa.Column("price", BIG, nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("cursor", BIG, primary_key=True, autoincrement=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("messages_thread", "messages", ["thread", "who"])


def words() -> None:
    come = "INSERT INTO messages_words (rowid, text) VALUES (new.cursor, new.text);"
    gone = "INSERT INTO messages_words (messages_words, rowid, text) VALUES ('delete', old.cursor, old.text);"
    op.execute(
        "CREATE VIRTUAL TABLE messages_words USING fts5 "
        "(text, content='messages', content_rowid='cursor', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(f"CREATE TRIGGER messages_come AFTER INSERT ON messages BEGIN {come} END")
    op.execute(f"CREATE TRIGGER messages_gone AFTER DELETE ON messages BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER messages_changed AFTER UPDATE ON messages BEGIN {gone} {come} END")


def words_beside() -> None:
    op.execute(
        "CREATE TABLE messages_words "
        "(cursor BIGINT PRIMARY KEY REFERENCES messages ON DELETE CASCADE, words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX messages_words_found ON messages_words USING gin (words)")


def workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "holds",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("number", BIG, sa.Identity(always=True), unique=True),
        sa.Column("worker", sa.Text, sa.ForeignKey("workers.id", ondelete="CASCADE"), nullable=False),
    )
