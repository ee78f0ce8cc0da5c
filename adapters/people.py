"""Keeping people's names: written in the append of the event that tells of the change, and erased with it."""

from collections.abc import Mapping

from adapters.http import idempotency
from adapters.log.protocol import Session
from domain.directory import Person
from projections.people import COLUMNS, EVERYBODY, FORGET, TABLE
from projections.sql import DialectName


def everybody(session: Session, dialect: DialectName) -> dict[str, Person]:
    """The names of all users, by id."""
    rows = session.rows(EVERYBODY.sql(dialect))
    return {
        str(id): Person(username=str(username), name=str(name), email=None if email is None else str(email))
        for id, username, name, email in rows
    }


def keep(session: Session, dialect: DialectName, people: Mapping[str, Person | None]) -> None:
    """Keep these names in place of those before; for None erase them, from the answers kept for repetitions too."""
    for id, person in people.items():
        session.run(FORGET.sql(dialect), {"id": id})
        if person is None:
            idempotency.forget(session, dialect, id)
        else:
            row = (id, person.username, person.name, person.name.casefold(), person.email)
            session.insert(TABLE.name, COLUMNS, [row])
