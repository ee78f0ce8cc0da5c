"""For which teams a key may act (api.md 1.2)."""

from adapters.http.call import Caller
from domain.errors import Refused


def require_team(caller: Caller, *team_ids: str) -> None:
    """Refuse with `UNAUTHORIZED_TEAM` unless the key is an admin's or of each of these teams."""
    for team_id in team_ids:
        if not caller.permission.covers(team_id):
            raise Refused("UNAUTHORIZED_TEAM", "This key may act for its own team only.", {"team_id": team_id})
