"""When keys were last used: a table beside the views. No history: it is written now and then, and by no event."""

from sqlalchemy import Index, MetaData, Table
from sqlalchemy import text as statement

from projections.reading import Question
from projections.sql import text

TABLE = Table("muniment_key_uses", MetaData(), text("id"), text("at"))
Index("muniment_key_uses_by_id", TABLE.c.id, unique=True)
# Several workers tell of the same key: the latest use stays.
USED = Question(
    statement(
        "INSERT INTO muniment_key_uses (id, at) VALUES (:id, :at) "
        "ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE excluded.at > muniment_key_uses.at"
    )
)
