"""A new user's first hour with a client that a public generator made of /openapi.json: `client_story.py URL KEY`.

scripts/client makes the client, as the package `muniment_client`, and runs this. Nothing of Muniment is imported.
"""

# mypy: ignore-errors

import sys

from muniment_client.api.assets import create_asset, publish_contract
from muniment_client.api.proposals import answer_proposal, get_status_of_proposal, publish_what_was_proposed
from muniment_client.api.registrations import create_registration
from muniment_client.api.teams import create_team, get_inbox_of_team
from muniment_client.client import AuthenticatedClient
from muniment_client.models import (
    NewAnswer,
    NewAnswerResponse,
    NewAsset,
    NewContract,
    NewRegistration,
    NewTeam,
    Publication,
)


def schema(**types: str) -> dict[str, object]:
    return {"type": "object", "properties": {name: {"type": type} for name, type in types.items()}}


def contract(**types: str) -> NewContract:
    return NewContract.from_dict({"schema": schema(**types)})


def main(url: str, key: str) -> None:
    """Create team, asset, contract; register; propose; acknowledge; publish."""
    client = AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True)
    shop, finance = (create_team.sync(client=client, body=NewTeam(name=name)) for name in ("shop", "finance"))
    asset = create_asset.sync(client=client, body=NewAsset(fqn="db.orders", owner_team_id=shop.id))
    published = publish_contract.sync(
        asset.id, client=client, published_by=shop.id, body=contract(id="integer", total="number")
    )
    assert published.contract.version == "1.0.0", published
    body = NewRegistration(consumer_team_id=finance.id, contract_id=published.contract.id)
    assert create_registration.sync(client=client, body=body).status == "active"
    proposed = publish_contract.sync(asset.id, client=client, published_by=shop.id, body=contract(id="integer"))
    assert proposed.action == "proposal.created", proposed
    inbox = get_inbox_of_team.sync(finance.id, client=client)
    assert [str(each.proposal_id) for each in inbox.proposals] == [str(proposed.proposal.id)]
    answer = NewAnswer(consumer_team_id=finance.id, response=NewAnswerResponse.APPROVED)
    assert answer_proposal.sync(proposed.proposal.id, client=client, body=answer).response == "approved"
    assert get_status_of_proposal.sync(proposed.proposal.id, client=client).status == "approved"
    done = publish_what_was_proposed.sync(proposed.proposal.id, client=client, body=Publication(published_by=shop.id))
    assert done.contract.version == "2.0.0", done
    print("team, asset, contract, registration, proposal, acknowledgment, publication: all done with the made client")


if __name__ == "__main__":
    main(*sys.argv[1:])
