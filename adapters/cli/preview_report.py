"""The answers of diff and impact for people: what breaks and which teams are hit comes first, and is never cut."""

from collections.abc import Mapping

from adapters.cli.client import entries, part
from adapters.cli.printing import Page, counted, texts

_KINDS = ("new", "modified", "deleted", "unchanged", "moved")
_SHOWN = 10


def show_diff(answer: Mapping[str, object], items: str, hit: Mapping[object, Mapping[str, object]]) -> None:
    """A diff's answer; `items` is the name of its list.

    `hit` are the impact's results for the same documents, by name: they tell who is hit.
    """
    page, summary, found = Page(), part(answer, "summary"), entries(answer, items)
    breaking = [entry for entry in found if entry["breaking_changes"]]
    page.line(", ".join(f"{summary[name]} {name}" for name in _KINDS) + f"; {summary['breaking']} breaking", "bold")
    for entry in breaking:
        _show_breaking(page, {**hit.get(entry["fqn"], {}), **entry})
    page.line()
    for kind in ("new", "modified", "deleted"):
        names = [str(e["fqn"]) for e in found if e["change_type"] == kind and not e["breaking_changes"]]
        page.some(f"{kind}, nothing breaks", names, _SHOWN)
    moved = [f"{entry['previous_fqn']} to {entry['fqn']}" for entry in found if entry["previous_fqn"]]
    page.some("moved", moved, _SHOWN)
    _show_remarks(page, answer)
    _conclude(page, answer, len(breaking))


def show_impact(answer: Mapping[str, object], items: str) -> None:
    """An impact's answer."""
    page = Page()
    unsafe = [entry for entry in entries(answer, "results") if not entry["safe_to_publish"]]
    page.line(f"{len(unsafe)} of {counted(int(str(answer['total_' + items])), 'item')} would break a contract", "bold")
    for entry in unsafe:
        _show_breaking(page, entry)
    page.line()
    _show_remarks(page, answer)
    _conclude(page, answer, len(unsafe))


def _show_breaking(page: Page, entry: Mapping[str, object]) -> None:
    page.line()
    page.line(f"BREAKS {entry['fqn']} {entry['current_version'] or ''}".rstrip(), "bold red")
    show_changes(page, entry)
    show_hit(page, entry)


def show_hit(page: Page, entry: Mapping[str, object]) -> None:
    """Each team that a breaking change hits, and the first of the assets that it reaches, with their number."""
    consumers, assets = entries(entry, "impacted_consumers"), entries(entry, "impacted_assets")
    for team in consumers:
        page.line(f"  hits team {team['team_name']}{_how(team, entry.get('owner_team'))}", "red")
    if not consumers:
        page.line("  hits no registered consumer")
    if assets:
        page.line(f"  reaches {counted(len(assets), 'asset')} downstream:")
    for asset in assets[:_SHOWN]:
        page.line(f"    {asset['fqn']}")
    if len(assets) > _SHOWN:
        page.line(f"    and {len(assets) - _SHOWN} more (impact --json has all)")


def _how(team: Mapping[str, object], owner: object) -> str:
    steps = int(str(team["depth"]))
    remarks = [
        "the owner itself" if team["team_name"] == owner else "",
        f"pinned to {team['pinned_version']}" if team["pinned_version"] else "",
        f"{counted(steps, 'step')} downstream" if steps else "",
    ]
    said = ", ".join(filter(None, remarks))
    return f" ({said})" if said else ""


def show_changes(page: Page, entry: Mapping[str, object]) -> None:
    """Each breaking change of an entry, one line each."""
    for change in entries(entry, "breaking_changes"):
        where = f"{change['path']}: " if change["path"] else ""
        page.line(f"  {where}{change['message']}", "red")


def _show_remarks(page: Page, answer: Mapping[str, object]) -> None:
    for text in texts(answer, "parse_errors"):
        page.line(f"not compared: {text}", "red")
    for text in texts(answer, "meta_errors"):
        page.line(f"error in meta: {text}", "red")
    page.notes(texts(answer, "warnings"))


def _conclude(page: Page, answer: Mapping[str, object], breaking: int) -> None:
    unread = texts(answer, "parse_errors")
    if breaking:
        page.line(f"{counted(breaking, 'contract')} would break. Next: keep what is relied on, or let the sync ask:")
        page.line("--auto-create-proposals opens a proposal for each of them, and publishes none.")
    elif not unread:
        page.line("Nothing breaks.", "green")
    if unread:
        page.line("Some items could not be compared: nothing is known about them.", "red")
    if texts(answer, "meta_errors") and "blocking" in answer:
        page.line("Next: correct the options in meta that are named above.")
