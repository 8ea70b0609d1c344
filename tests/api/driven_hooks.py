"""What schemathesis does beside its requests in test_driven.py: it sends a file where it was told to.

The signed URL of an upload is a link that OpenAPI cannot write down: the query is part of its signature.
"""

from __future__ import annotations

import urllib.request

import schemathesis

FILE = b"id,name\n1,ana\nx,rui\n2,\n3,eva\n"
CLAIMS = ("size", "sha256", "content_type", "parts")


@schemathesis.hook  # type: ignore[untyped-decorator]
def after_call(
    context: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response
) -> None:
    operation = case.operation.definition.raw.get("operationId")
    if operation != "askUpload" or response.status_code != 201 or not isinstance(case.body, dict):
        return
    if any(case.body.get(claim) is not None for claim in CLAIMS):
        return
    send = urllib.request.Request(response.json()["upload_url"], FILE, method="PUT")
    with urllib.request.urlopen(send) as answer:
        assert answer.status == 200
