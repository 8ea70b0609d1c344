"""The OpenAPI document says what the router does: every call, its operation and its media types."""

from __future__ import annotations

import subprocess

from tests.api import document
from tests.api.conftest import Client
from tests.product import Eclusa


def routes() -> dict[tuple[str, str], tuple[str, set[str]]]:
    """Operation and media types by method and path, as the program tells them."""
    run = subprocess.run([Eclusa("").binary, "docs", "routes"], capture_output=True, check=True, text=True)
    lines = [line.split() for line in run.stdout.splitlines()]
    # A parameter of several segments has no form of its own in OpenAPI.
    return {(m, path.replace("...}", "}")): (name, set(types.split(","))) for m, path, name, types in lines}


def test_the_document_is_the_router() -> None:
    documented = {
        (method, path): (
            operation["operationId"],
            {
                content_type
                for status, response in operation["responses"].items()
                if status.startswith("2")
                for content_type in document.resolve(response).get("content", {})
            },
        )
        for method, path, operation in document.operations()
    }
    assert documented == routes()
    assert len({name for name, _ in documented.values()}) == len(documented)


def test_every_path_parameter_is_documented_and_every_link_leads_somewhere() -> None:
    parameters = {
        operation["operationId"]: {document.resolve(p)["name"] for p in operation["parameters"]}
        for _, _, operation in document.operations()
    }
    for _, path, operation in document.operations():
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert named <= parameters[operation["operationId"]]
        for response in operation["responses"].values():
            for link in document.resolve(response).get("links", {}).values():
                assert set(link["parameters"]) <= parameters[link["operationId"]]


def test_the_served_document_is_this_one(client: Client) -> None:
    served = client.ask("GET", "/openapi.json").json
    assert served["servers"] == [{"url": client.url}]
    assert served["paths"] == document.DOCUMENT["paths"]
