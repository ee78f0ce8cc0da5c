"""Syncs and their previews (api.md 2): the body goes to a file, the work to the document process."""

import asyncio
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.types import Receive

from adapters.documents import Documents
from adapters.http import bodies, idempotency
from adapters.http.call import Answer, Call
from adapters.http.service import Service
from adapters.kinds import Action, KindName
from adapters.syncing import Job


class DocumentRoute:
    """One of the endpoints that take a document. `bare` lets the document be the whole body.

    `kind` is None where the body tells it.
    """

    def __init__(self, kind: KindName | None, action: Action, bare: bool = False) -> None:
        self.kind: KindName | None = kind
        self.action: Action = action
        self.bare = bare

    async def __call__(self, service: Service, documents: Documents, call: Call, receive: Receive) -> Answer:
        path = await bodies.in_file(receive, dict(call.headers), service.settings.max_body_bytes)
        try:
            return await asyncio.to_thread(self._run, service, documents, call, path)
        finally:
            path.unlink(missing_ok=True)

    def _run(self, service: Service, documents: Documents, call: Call, path: Path) -> Answer:
        repetition = None
        if self.action == "sync" and "idempotency-key" in call.headers:
            repetition = idempotency.of(call, _file_digest(path, call.query_string))
        with idempotency.only_one(repetition):
            if repetition is not None:
                with service.log.read() as session:
                    first = idempotency.stored(session, service.log.dialect, repetition, service.clock.now())
                if first is not None:
                    return first
            answer = documents.run(self._job(service, call, path, repetition))
        headers = (("idempotency-replayed", "true"),) if answer.replayed else ()
        return Answer(status=answer.status, body=answer.body, position=answer.position, headers=headers)

    def _job(self, service: Service, call: Call, path: Path, repetition: idempotency.Repetition | None) -> Job:
        return Job(
            kind=self.kind,
            action=self.action,
            body=path,
            query=tuple(parse_qsl(call.query_string, keep_blank_values=True)),
            may_be_bare=self.bare,
            actor=call.caller.actor,
            permission=call.caller.permission,
            request_id=call.request_id,
            seed=service.clock.seed(),
            expiry_days=service.settings.proposal_expiry_days,
            may_write=bool(call.caller.scopes & {"write", "admin"}),
            repetition=repetition,
        )


def _file_digest(path: Path, query_string: str) -> str:
    digest = sha256(query_string.encode())
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
