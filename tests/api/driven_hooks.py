"""What schemathesis does beside its requests in test_driven.py.

It sends a file where it was told to: the signed URL of an upload is a link that OpenAPI cannot write down.
And it takes a new Idempotency-Key for each request, where the one it thought of is valid. Its check that what
was made is there is left out where a body names an upload: one that was made up is not there.
"""

from __future__ import annotations

import itertools
import re
import urllib.request
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import ensure_resource_availability

FILE = b"id,name\n1,ana\nx,rui\n2,\n3,eva\n"
NAME_UPLOADS = ("registerLoad", "resubmitFailures")
CLAIMS = ("size", "sha256", "content_type", "parts")

VALID_KEY = re.compile(r"[!-~]([ -~]{0,200}[!-~])?")
numbers = itertools.count()


@schemathesis.hook  # type: ignore[untyped-decorator]
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]
) -> None:
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and VALID_KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}{next(numbers)}"


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


@schemathesis.check  # type: ignore[untyped-decorator]
def what_was_made_is_there(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    if case.operation.definition.raw.get("operationId") in NAME_UPLOADS:
        return None
    answer: bool | None = ensure_resource_availability(ctx, response, case)
    return answer
