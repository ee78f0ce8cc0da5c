"""The answer of a sync for people: what was done, what was not and why, what to do next."""

from collections.abc import Mapping

from adapters.cli.client import entries, part
from adapters.cli.preview_report import show_changes, show_hit
from adapters.cli.printing import Page, counted, listed, texts

_WARNINGS = (
    "ownership_warnings",
    "contract_warnings",
    "registration_warnings",
    "dependency_warnings",
    "warnings",
)
_SHOWN = 10


def show_sync(
    answer: Mapping[str, object],
    items: str,
    asked: Mapping[str, list[str]],
    hit: Mapping[object, Mapping[str, object]],
) -> None:
    """A sync's answer, or a dry run's; `items` is the name of its list.

    `asked` names the teams that each open proposal waits for; `hit` tells by name who is hit by what was withheld.
    """
    page = Page()
    page.line(_headline(answer), "bold")
    for name, line in _counts(answer):
        if line:
            page.line(f"  {name:<11}{line}")
    _show_proposals(page, answer, asked)
    told = _show_withheld(page, answer, hit) | _show_failed(page, answer, items)
    page.notes(text for name in _WARNINGS for text in texts(answer, name) if text not in told)
    _conclude(page, answer, asked)


def _show_withheld(page: Page, answer: Mapping[str, object], hit: Mapping[object, Mapping[str, object]]) -> set[str]:
    told = set()
    for held in entries(part(answer, "contracts"), "withheld"):
        page.line(f"withheld: {held['asset_fqn']} ({held['code']})", "red")
        page.line(f"  {held['reason']}")
        show_changes(page, held)
        show_hit(page, hit.get(held["asset_fqn"], {}))
        told.add(f"{held['asset_fqn']}: {held['reason']}")
    return told


def _show_failed(page: Page, answer: Mapping[str, object], items: str) -> set[str]:
    failed = [entry for entry in entries(answer, items) if entry["action"] == "error"]
    lines = [f"{entry['fqn']}: {entry['error']}" for entry in failed]
    page.some("not synced", lines, _SHOWN, "red")
    told = {*lines, *(str(entry["error"]) for entry in failed)}
    for text in texts(answer, "parse_errors"):
        if text not in told:
            page.line(f"not read: {text}", "red")
    return told


def _headline(answer: Mapping[str, object]) -> str:
    source = part(answer, "source")
    name = f"{source['kind']} {source['key']} ({source['environment']})"
    if answer["dry_run"]:
        return f"{name}: what a sync would do (a dry run, nothing was written)"
    if answer["position"] is None:
        return f"{name}: nothing new, nothing was written"
    return f"{name}: synced, log position {answer['position']}"


def _counts(answer: Mapping[str, object]) -> list[tuple[str, str]]:
    assets, edges = dict(part(answer, "assets")), part(answer, "dependencies")
    assets["updated"] = int(str(assets["updated"])) - int(str(assets["unchanged"]))
    proposals = part(answer, "proposals")
    registrations = part(answer, "registrations")
    kinds = ("created", "updated", "unchanged", "moved", "restored", "deleted", "skipped")
    return [
        ("assets", _stated({kind: assets[kind] for kind in kinds}) or "none"),
        ("contracts", _stated({"published": part(answer, "contracts")["published"]})),
        ("proposals", _stated({"opened": proposals["created"], "still open": len(entries(proposals, "pending"))})),
        ("consumers", _stated({"registered": registrations["created"], "ended": registrations["ended"]})),
        ("edges", _stated({"added": edges["synced"], "removed": edges["removed"]})),
    ]


def _stated(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number)


def _show_proposals(page: Page, answer: Mapping[str, object], asked: Mapping[str, list[str]]) -> None:
    proposals = part(answer, "proposals")
    for member, state in (("details", "proposed"), ("pending", "still proposed")):
        for entry in entries(proposals, member):
            breaking = counted(int(str(entry["breaking_changes_count"])), "breaking change")
            page.line(f"{state}: {entry['asset_fqn']} {entry['suggested_version']}")
            teams = asked.get(str(entry["proposal_id"]))
            waits = "" if teams is None else f", waits for {listed(teams)}" if teams else ", no consumer to ask"
            page.line(f"  {breaking}{waits}")


def _conclude(page: Page, answer: Mapping[str, object], asked: Mapping[str, list[str]]) -> None:
    if part(answer, "assets")["skipped_changed"]:
        page.line("Next: --conflict-mode overwrite sets those of the skipped that differ.")
    codes = {str(held["code"]) for held in entries(part(answer, "contracts"), "withheld")}
    if codes - {"HAS_CONSUMERS"}:
        page.line("Next: sync with --auto-create-proposals, which asks the consumers.")
    if "HAS_CONSUMERS" in codes:
        page.line("Next: --delete-consumed deletes also what teams rely on.")
    if not all(asked.values()):
        page.line("With --publish-unconsumed, what no team relies on is published at once instead.")
    if answer["status"] != "success":
        page.line("Not all that was asked for could be done.", "yellow")
