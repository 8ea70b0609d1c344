"""The OpenAPI document as the tests read it: which operation a request is, and what may answer it."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any

PATH = pathlib.Path(__file__).parents[2] / "src" / "api" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
# What the server says before it knows the operation, or of any: the method, the head, the line.
OF_THE_SERVER = {204, 405, 408, 417, 431, 414, 501, 505}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of every call."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _pattern(path: str) -> re.Pattern[str]:
    # A dataset's path is several segments; the rest are one each.
    parts = re.split(r"(\{\w+\})", path)
    texts = [re.escape(p) if not p.startswith("{") else ".+?" if p == "{dataset}" else "[^/]+" for p in parts]
    return re.compile("".join(texts))


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    # Those without parameters are tried first, as the router does.
    for known, template, operation in sorted(operations(), key=lambda o: o[1].count("{")):
        if known == method and _pattern(template).fullmatch(path):
            return operation
    return None


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Follows a $ref."""
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def breach(method: str, path: str, status: int, content_type: str, header_names: set[str]) -> str:
    """What of an answer the document does not have; empty: nothing."""
    operation = operation_of(method, path)
    if operation is None or status in OF_THE_SERVER - {204}:
        return ""
    name = operation["operationId"]
    if str(status) not in operation["responses"]:
        return f"{name}: {status} is not documented"
    response = resolve(operation["responses"][str(status)])
    content = response.get("content", {})
    if content and content_type.split(";")[0] not in content:
        return f"{name} {status}: {content_type} is not documented"
    for header, about in response.get("headers", {}).items():
        if about["required"] and header.lower() not in header_names:
            return f"{name} {status}: without {header}"
    return ""
