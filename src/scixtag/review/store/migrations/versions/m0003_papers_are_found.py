"""Papers are found by what people see of their title, and by their id."""

import sqlalchemy as sa
from alembic import op

from scixtag.review.texts import sought_in

revision = "0003"
down_revision = "0002"

_AT_ONCE = 1000


def upgrade() -> None:
    """From titles as their sources gave them, with markup, alone."""
    op.add_column("papers", sa.Column("sought", sa.Text, nullable=False, server_default=""))
    papers = sa.table("papers", *map(sa.column, ("number", "id", "title", "sought")))
    connection = op.get_bind()
    filled = sa.update(papers).where(papers.c.number == sa.bindparam("row")).values(sought=sa.bindparam("found"))
    last = -1
    while True:
        query = sa.select(papers.c.number, papers.c.id, papers.c.title).where(papers.c.number > last)
        rows = connection.execute(query.order_by(papers.c.number).limit(_AT_ONCE)).all()
        if not rows:
            return
        connection.execute(filled, [{"row": n, "found": sought_in(title, paper)} for n, paper, title in rows])
        last = rows[-1].number
