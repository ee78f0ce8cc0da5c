"""People's names: a table beside the views. No view: it is not made from the log, and can be emptied for one person."""

from sqlalchemy import Index, MetaData, Table, bindparam, delete, select

from projections.reading import Question
from projections.sql import among, text

TABLE = Table(
    "muniment_people",
    MetaData(),
    text("id"),
    text("username"),
    text("name"),
    text("name_folded"),
    text("email", nullable=True),
)
Index("muniment_people_by_id", TABLE.c.id, unique=True)
COLUMNS = [column.name for column in TABLE.columns]
EVERYBODY = Question(select(TABLE.c.id, TABLE.c.username, TABLE.c.name, TABLE.c.email))
NAMED = Question(select(TABLE.c.id, TABLE.c.name, TABLE.c.email).where(among(TABLE.c.id, bindparam("ids"))))
FORGET = Question(delete(TABLE).where(TABLE.c.id == bindparam("id")))
