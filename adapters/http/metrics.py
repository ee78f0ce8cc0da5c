"""`GET /metrics` (api.md 1.6): what an operator watches, as Prometheus reads it.

What the store holds is the same whichever worker answers. What a process counted is of that process alone, and says so
by a label: Prometheus adds them up.
"""

import asyncio
import os
import time
from collections.abc import Iterable, Mapping
from typing import get_args

from adapters.config import version
from adapters.http.assets import ResourceType
from adapters.http.call import Answer, Call
from adapters.http.service import Asking, Service, now
from adapters.http.wire import ContractStatus, ProposalStatus, RegistrationStatus
from projections import totals
from projections.reading import Question

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = Iterable[tuple[Mapping[str, str], float]]
_STARTED = time.time()
# By which label things are told apart, and the values that are shown though there are none.
_KINDS: dict[str, tuple[str, tuple[str, ...], Question]] = {
    "assets": ("resource_type", get_args(ResourceType), totals.ASSETS),
    "contracts": ("status", get_args(ContractStatus), totals.CONTRACTS),
    "registrations": ("status", get_args(RegistrationStatus), totals.REGISTRATIONS),
    "proposals": ("status", get_args(ProposalStatus), totals.PROPOSALS),
}


async def metrics(service: Service, call: Call) -> Answer:
    """All of it. Counting takes statements that a reader of single things should not wait for: a thread asks them."""
    text = await asyncio.to_thread(now, service.log, lambda asking: "".join([*_store(asking), *_process(service)]))
    return Answer(body=text.encode(), media_type=MEDIA_TYPE)


def _store(asking: Asking) -> Iterable[str]:
    yield _family("muniment_position", "gauge", "The log position that this reflects.", [({}, asking.position)])
    for name, question in (("teams", totals.TEAMS), ("users", totals.USERS)):
        (row,) = asking.rows(question)
        yield _family(f"muniment_{name}", "gauge", f"How many {name} there are.", [({}, _number(row[0]))])
    for name, (label, known, question) in _KINDS.items():
        found = {**dict.fromkeys(known, 0), **{str(value): _number(count) for value, count in asking.rows(question)}}
        samples = [({label: value}, count) for value, count in found.items()]
        yield _family(f"muniment_{name}", "gauge", f"How many {name} there are, by {label}.", samples)


def _process(service: Service) -> Iterable[str]:
    process = {"process": str(os.getpid())}
    yield _family("muniment_info", "gauge", "The version that answers.", [({"version": version(), **process}, 1)])
    yield _family("muniment_start_time_seconds", "gauge", "When this process started.", [(process, _STARTED)])
    answers, seconds = service.traffic.told()
    yield _family(
        "muniment_requests_total",
        "counter",
        "Answers of this process. Requests that met no route have no method and no route here.",
        [
            ({"method": method, "route": route, "status": str(status), **process}, count)
            for (method, route, status), count in answers
        ],
    )
    yield _family(
        "muniment_request_seconds_total",
        "counter",
        "How long those answers took together.",
        [({"method": method, "route": route, **process}, took) for (method, route), took in seconds],
    )


def _number(value: object) -> int:
    return int(str(value))


def _family(name: str, kind: str, help: str, samples: Samples) -> str:
    lines = [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(labels)} {value!r}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{said}}}" if said else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
