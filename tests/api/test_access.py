"""Who may do what: every call of the document by every kind of caller, and what each is answered.

A call without a line in EXPECTED fails, and so does a line without a call.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests import database
from tests.api import document
from tests.api.conftest import PEOPLE_CONTRACT, PEOPLE_PATH, Client, Site

MIXED = "id,name\n1,ana\nx,rui\n2,\n3,eva\n"
FORM = (
    '--B\r\nContent-Disposition: form-data; name="tenant"\r\n\r\n47\r\n'
    '--B\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    f"{MIXED}\r\n--B--\r\n"
).encode()
# The order of the cells below.
CALLERS = (
    "none", "wrong", "expired", "revoked",  # tokens that are none
    "read", "submit", "admin",  # for all tenants and datasets
    "own", "other_tenant", "other_dataset",  # submit; the load is of tenant 47 and of `people`
    "own_read",  # read, tenant 47
)  # fmt: skip
NOBODY = (401, 401, 401, 401)
ANYBODY = (200,) * len(CALLERS)
READS = (*NOBODY, 200, 200, 200, 200, 404, 404, 200)
LISTS = (*NOBODY, 200, 200, 200, 200, 200, 404, 200)
EXPECTED: dict[str, tuple[int, ...]] = {
    #                          read submit admin own other_tenant other_dataset own_read
    "askUpload": (*NOBODY, 403, 201, 201, 201, 403, 404, 403),
    "registerLoad": (*NOBODY, 403, 202, 202, 202, 404, 404, 403),
    "uploadAndLoad": (*NOBODY, 403, 202, 202, 202, 403, 404, 403),
    "splitAndLoad": (*NOBODY, 403, 202, 202, 202, 403, 404, 403),
    "showSplits": READS,
    "listLoads": LISTS,
    "showLoad": READS,
    "listFailures": READS,
    "cancelLoad": (*NOBODY, 403, 200, 200, 200, 404, 404, 403),
    "resubmitFailures": (*NOBODY, 403, 202, 202, 202, 404, 404, 403),
    # Its failures are no code's of this request: 404 too, told apart by the code below.
    "waiveFailures": (*NOBODY, 403, 404, 404, 404, 404, 404, 403),
    "showUpload": (*NOBODY, 403, 200, 200, 200, 404, 404, 403),
    "showLoadById": READS,
    "listDatasets": (*NOBODY, 200, 200, 200, 200, 200, 200, 200),
    "showContract": (*NOBODY, 200, 200, 200, 200, 200, 404, 200),
    "explainProblem": ANYBODY,
    "live": ANYBODY,
    "ready": ANYBODY,
    # Of all tenants and datasets, or not at all.
    "metrics": (*NOBODY, 200, 200, 200, 403, 403, 403, 403),
    "openApi": ANYBODY,
    # The signature is the right, whoever sends it; this one was altered.
    "receiveUpload": (403,) * len(CALLERS),
}


class Setting:
    """A server with a load of tenant 47 that has failures, and a client of every kind."""

    def __init__(self, site: Site, url: str) -> None:
        self.site = site
        owner = Client(url, site.token("submit", "--tenant", "47"))
        self.load = owner.load(MIXED)
        self.file = owner.upload(MIXED)
        self.upload = site.value("SELECT max(id::text) FROM eclusa.uploads")
        tokens = {
            "none": "",
            "wrong": "ecl_" + "0" * 64,
            "expired": self.ended("expires_at"),
            "revoked": self.ended("revoked_at"),
            "read": site.token("read"),
            "submit": site.token("submit"),
            "admin": site.token("admin"),
            "own": owner.token,
            "other_tenant": site.token("submit", "--tenant", "48"),
            "other_dataset": site.token("submit", "--dataset", "others"),
            "own_read": site.token("read", "--tenant", "47"),
        }
        self.callers = {name: Client(url, tokens[name]) for name in CALLERS}

    def ended(self, column: str) -> str:
        """A token that was good until a moment ago."""
        token = self.site.token()
        newest = "(SELECT max(id) FROM eclusa.tokens)"
        ago = "clock_timestamp() - interval '1 s'"
        database.execute(self.site.sql, f"UPDATE eclusa.tokens SET {column} = {ago} WHERE id = {newest}")
        return token

    def call(self, caller: str, method: str, path: str, operation: str) -> tuple[int, str]:
        values = {
            "{dataset}": PEOPLE_PATH.removeprefix("/"), "{id}": self.load["id"], "{name}": "people",
            "{code}": "api.role", "{folder}": "in", "{object}": "0" * 32,
        }  # fmt: skip
        if operation == "showUpload":
            values["{id}"] = self.upload
        for name, value in values.items():
            path = path.replace(name, value)
        bodies: dict[str, Any] = {
            "askUpload": {"tenant": 47, "file": "people.csv"},
            "registerLoad": {"tenant": 47, "url": self.file},
            "resubmitFailures": {"url": self.file},
            "waiveFailures": {"code": "no.such", "reason": "a test"},
            "receiveUpload": b"id,name\n",
            "uploadAndLoad": FORM,
            "splitAndLoad": FORM.replace(b'name="file"', b'name="people"'),
        }
        if operation == "showSplits":
            path += f"?message_id={self.load['id']}"
        forms = ("uploadAndLoad", "splitAndLoad")
        headers = {"Content-Type": "multipart/form-data; boundary=B"} if operation in forms else {}
        answer = self.callers[caller].ask(method, path, bodies.get(operation), headers)
        problem = answer.headers["Content-Type"] == "application/problem+json"
        return answer.status, answer.json["code"] if problem else ""


@pytest.fixture()
def setting(site: Site, tmp_path: pathlib.Path) -> Iterator[Setting]:
    others = PEOPLE_CONTRACT.replace("2531/people", "2531/others").replace("name: people\nversion", "name: others\nversion")
    site.publish("others", others)
    with site.serving() as url:
        yield Setting(site, url)


def test_every_call_by_every_caller(setting: Setting) -> None:
    operations = {o["operationId"]: (method, path) for method, path, o in document.operations()}
    assert set(EXPECTED) == set(operations)
    wrong = []
    for operation, (method, path) in operations.items():
        for caller, expected in zip(CALLERS, EXPECTED[operation], strict=True):
            status, code = setting.call(caller, method, path, operation)
            if status != expected:
                wrong.append(f"{operation} by {caller}: {status} {code}, expected {expected}")
            if status == 403 and operation != "receiveUpload":
                assert code in ("api.role", "api.tenant_not_allowed", "api.whole_server"), (operation, caller, code)
            if operation == "waiveFailures" and status == 404:
                mine = caller in ("submit", "admin", "own")
                assert code == ("failures.none_matched" if mine else "api.no_job"), (caller, code)
    assert not wrong, "\n".join(wrong)


def test_whatever_is_done_is_the_callers_own(setting: Setting) -> None:
    """Lists hold nothing of others."""
    bulk = f"{PEOPLE_PATH}/_bulk"
    assert setting.callers["other_tenant"].ask("GET", bulk).json["items"] == []
    assert len(setting.callers["own"].ask("GET", bulk).json["items"]) == 1
    names = [d["name"] for d in setting.callers["other_dataset"].ask("GET", "/v1/datasets").json["items"]]
    assert names == ["others"]
    forced = setting.callers["own"].ask("PUT", bulk, {"tenant": 48, "url": setting.file})
    assert (forced.status, forced.json["code"]) == (403, "api.tenant_not_allowed")
    path = f"/erp3/2531/others/_bulk/status/{setting.load['id']}"
    assert setting.callers["admin"].ask("GET", path).json["code"] == "api.no_job"
