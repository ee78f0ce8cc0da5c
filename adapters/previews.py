"""Diff and impact: the plan of a sync, told and not appended."""

import msgspec

from adapters.catalog import Catalog
from adapters.gathering import gather
from adapters.http.problems import status_of
from adapters.reach import reach
from adapters.requests import Envelope, read_document
from adapters.spent import spend
from adapters.syncing import Job, JobAnswer, request_of, with_warnings
from domain.errors import Refused
from domain.sync.charge import charged
from domain.sync.diff import diff_answer
from domain.sync.impact import impact_answer
from domain.sync.options import ConflictMode
from domain.sync.plan import Plan
from domain.sync.planner import plan
from domain.sync.reading import status_code, sync_answer
from domain.values import Object

NOBODY = ""


def preview(catalog: Catalog, job: Job) -> JobAnswer:
    """The answer of a diff or an impact, all of it of one position of the log. Raises `Refused`."""
    envelope = read_document(job)
    with catalog.log.read():
        return _told(catalog, job, envelope)


def _told(catalog: Catalog, job: Job, envelope: Envelope) -> JobAnswer:
    made = planned(catalog, envelope, job)
    if envelope.base is not None:
        base = msgspec.structs.replace(envelope, document=envelope.base, base=None)
        made = charged(made, planned(catalog, base, job))
    if job.action == "impact":
        answer = impact_answer(made, lambda asset_id: reach(catalog, asset_id))
    else:
        answer = diff_answer(made, envelope.fail_on_breaking, _would_be(catalog, envelope, job))
    answer = with_warnings(answer, envelope)
    spend(made, len(made.items))
    return JobAnswer(status=200, body=msgspec.json.encode(answer), position=catalog.log.head())


def planned(catalog: Catalog, envelope: Envelope, job: Job) -> Plan:
    """The plan by which a preview goes: the document against the catalog, for a caller who may do everything."""
    context = catalog.context(job.actor, job.seed, job.expiry_days)
    permission = msgspec.structs.replace(job.permission, admin=True)
    known = gather(catalog, envelope.document, envelope.options)
    request = request_of(envelope, permission, context)
    # Previews compare document and catalog whatever the mode is, and ask for no owner.
    owner = request.options.owner_team_id or NOBODY
    options = msgspec.structs.replace(request.options, conflict_mode=ConflictMode.overwrite, owner_team_id=owner)
    return plan(msgspec.structs.replace(request, options=options), known)


def _would_be(catalog: Catalog, envelope: Envelope, job: Job) -> Object | None:
    """What the sync itself would answer, if the request carried any of its options."""
    if not envelope.stated:
        return None
    context = catalog.context(job.actor, job.seed, job.expiry_days)
    try:
        known = gather(catalog, envelope.document, envelope.options)
        made = plan(request_of(envelope, job.permission, context), known)
        if made.refusal:
            raise made.refusal
    except Refused as refused:
        return {
            "status_code": status_of(refused.code)[0],
            "code": refused.code,
            "detail": refused.detail,
            "details": refused.details,
        }
    return {**sync_answer(made, None, True), "status_code": status_code(made)}
