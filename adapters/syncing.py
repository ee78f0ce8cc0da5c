"""Syncs: a document becomes a plan, and the plan one append."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.gathering import Dependents, gather
from adapters.http import idempotency
from adapters.http.call import Answer
from adapters.kinds import Action, KindName
from adapters.log.protocol import Session
from adapters.requests import Envelope, read_document
from adapters.spent import spend
from domain.context import Context
from domain.events import Actor, AnyEvent
from domain.ids import DIRECTORY, source_stream
from domain.schema.library import take_apart
from domain.sync.options import Permission
from domain.sync.plan import Plan, Request
from domain.sync.planner import plan
from domain.sync.reading import status_code, sync_answer
from domain.values import Object
from projections.asset_questions import BY_NAME
from projections.engine import bound_list


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A document request as the worker gets it: the body lies in a file.

    `query` are the query's parameters: the options of a manifest that is the whole body, where `may_be_bare` allows it.
    `kind` is null where the body tells it.
    """

    kind: KindName | None
    action: Action
    body: Path
    query: tuple[tuple[str, str], ...]
    may_be_bare: bool
    actor: Actor
    permission: Permission
    request_id: str
    seed: str
    expiry_days: int
    may_write: bool
    repetition: idempotency.Repetition | None = None


class JobAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The ready answer of a job, and the log position that it reflects."""

    status: int
    body: bytes
    position: int
    replayed: bool = False


def sync(catalog: Catalog, job: Job) -> JobAnswer:
    """Carry out a sync, or tell what it would do. Raises `Refused`."""
    envelope = read_document(job)
    context = catalog.context(job.actor, job.seed, job.expiry_days)
    if envelope.dry_run:
        with catalog.log.read():
            return _foretold(catalog, envelope, job, context)
    return _carried_out(catalog, envelope, job, context)


def _foretold(catalog: Catalog, envelope: Envelope, job: Job, context: Context) -> JobAnswer:
    known = gather(catalog, envelope.document, envelope.options)
    made = plan(request_of(envelope, job.permission, context), known)
    if made.refusal:
        raise made.refusal
    body = msgspec.json.encode(with_warnings(sync_answer(made, None, True), envelope))
    return JobAnswer(status=status_code(made), body=body, position=catalog.log.head())


def _carried_out(catalog: Catalog, envelope: Envelope, job: Job, context: Context) -> JobAnswer:
    answers: list[JobAnswer] = []

    def decide() -> tuple[Outcome, Plan]:
        # All of one state of the store: what another sync of the source adds after it has to be planned for.
        with catalog.log.read():
            stream, head = _source(envelope), catalog.log.head()
            version = catalog.log.versions([stream]).get(stream, -1)
            known = gather(catalog, envelope.document, envelope.options)
        made = plan(request_of(envelope, job.permission, context), known)
        if made.refusal:
            raise made.refusal
        found = _outcome(made, stream, version)
        return msgspec.structs.replace(found, holds=lambda session: _holds(catalog, session, made, head)), made

    def within(session: Session, position: int, made: Plan) -> None:
        answer = with_warnings(sync_answer(made, position or None, False), envelope)
        reached = position or int(str(session.rows("SELECT position FROM muniment_views")[0][0]))
        answers.append(JobAnswer(status=status_code(made), body=msgspec.json.encode(answer), position=reached))
        _remember(catalog, session, job, answers[-1])

    try:
        made, _ = catalog.commit(decide, job.actor, job.request_id, within)
    except idempotency.Repeated as repeated:
        first = repeated.answer
        return JobAnswer(status=first.status, body=first.body, position=first.position or 0, replayed=True)
    catalog.keep(item.after for item in made.touched())
    spend(made, len(made.items))
    return answers[-1]


def _remember(catalog: Catalog, session: Session, job: Job, answer: JobAnswer) -> None:
    if job.repetition is None:
        return
    now, dialect = catalog.clock.now(), catalog.log.dialect
    first = idempotency.stored(session, dialect, job.repetition, now)
    if first is not None:
        raise idempotency.Repeated(first)
    kept = Answer(status=answer.status, body=answer.body, position=answer.position)
    idempotency.store(session, dialect, job.repetition, kept, now, once=None)


def request_of(envelope: Envelope, permission: Permission, context: Context) -> Request:
    """The planner's request for a document as it came."""
    options = envelope.options
    if options.owner_team_id is None and permission.team_id is not None:
        options = msgspec.structs.replace(options, owner_team_id=permission.team_id)
    return Request(
        document=envelope.document,
        digest=envelope.digest,
        options=options,
        permission=permission,
        context=context,
        stated_options=envelope.stated,
    )


def with_warnings(answer: Object, envelope: Envelope) -> Object:
    """The answer, with what the request itself gave reason to say: members that nobody knows."""
    warnings = answer["warnings"]
    assert isinstance(warnings, list)
    return {**answer, "warnings": [*warnings, *envelope.warnings]}


def _source(envelope: Envelope) -> str:
    return source_stream(envelope.document.kind, envelope.document.key, envelope.options.environment)


def _holds(catalog: Catalog, session: Session, made: Plan, head: int) -> bool:
    """Whether the names that a plan gave are whose they were, and no others depend on what it looked at."""
    if session.rows("SELECT position FROM muniment_views") == [(head,)]:
        return True
    new = [item.after.fqn for item in made.touched() if not item.before.exists]
    dependents = made.known.dependents
    assert isinstance(dependents, Dependents)
    params = {"fqns": bound_list(new, catalog.log.dialect), "environment": made.request.options.environment}
    holders = {str(fqn): str(id) for fqn, id in session.rows(BY_NAME.sql(catalog.log.dialect), params)}
    known = made.known.by_fqn
    return holders == {fqn: known[fqn] for fqn in new if fqn in known} and dependents.hold(session)


def _outcome(made: Plan, source: str, version: int) -> Outcome:
    """The append that carries out a plan: its events, the schemas that they name, and what it relied on.

    `source` is the stream of the source itself, `version` what that was before the plan was made.
    """
    touched = made.touched()
    events: dict[str, tuple[int, list[AnyEvent]]] = {i.before.id: (i.before.version, [*i.events]) for i in touched}
    groups: dict[int, Mapping[str, bytes]] = {}
    for item in touched:
        if item.schema is not None and item.schema_digest and _names_schema(item.events, item.schema_digest):
            documents = item.spec.documents if item.spec and item.schema is item.spec.schema else ()
            # Many items share a group of documents: it is taken once.
            groups |= {id(each): each for each in documents or (take_apart(item.schema).documents,)}
    relied = {DIRECTORY: made.known.directory.version}
    relied.update((i.before.id, i.before.version) for i in made.items if i.before.exists)
    if made.synced:
        events[source] = (version, [made.synced])
    return Outcome(events=events, unchanged=relied, schemas={k: v for each in groups.values() for k, v in each.items()})


def _names_schema(events: Sequence[AnyEvent], digest: str) -> bool:
    return any(getattr(event, "schema_digest", None) == digest for event in events)
