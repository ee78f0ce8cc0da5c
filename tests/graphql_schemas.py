"""GraphQL documents in tests: requests with them, in a corner of a running catalog of its own."""

from typing import Any

import httpx

from tests.syncs import World


class GraphqlWorld(World):
    """One environment of a server, into which GraphQL schemas are synced."""

    def post(self, path: str, document: Any, status: int = 200, api: httpx.Client | None = None, **options: Any) -> Any:
        body = {"schema": document, "environment": self.environment, **options}
        answer = (api or self.api).post(path, json=body)
        assert answer.status_code == status, (answer.status_code, answer.text[:3000])
        return answer.json()

    def sync(self, document: Any, status: int = 200, api: httpx.Client | None = None, **options: Any) -> Any:
        return self.post("/sync/graphql", document, status, api, **{"owner_team_id": self.owner, **options})

    def diff(self, document: Any, **options: Any) -> Any:
        return self.post("/sync/graphql/diff", document, **options)

    def impact(self, document: Any, **options: Any) -> Any:
        return self.post("/sync/graphql/impact", document, **options)
