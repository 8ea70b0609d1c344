"""The conversation of the bulk API: ask, upload, register, follow, fetch failures, fix, hand in again."""

from __future__ import annotations

import concurrent.futures
import hashlib
import urllib.parse
from typing import Any

import pytest

from tests.api.conftest import PEOPLE_CONTRACT, PEOPLE_PATH, Answer, Client, Site

MIXED = "id,name\n1,ana\nx,rui\n2,\n3,eva\n"


def test_the_whole_conversation(site: Site, client: Client) -> None:
    ended = client.load(MIXED)
    assert ended["state"] == "SUCCEEDED_WITH_FAILURES" and ended["status"] == "complete"
    assert (ended["successes"], ended["failures"], ended["pending"], ended["total"]) == (2, 2, 0, 4)
    assert {(cause["code"], cause["column"]) for cause in ended["causes"]} == {
        ("type.integer", "id"),
        ("value.required", "name"),
    }
    failures = ended["links"]["failures"]
    items = client.ask("GET", failures).json["items"]
    assert [item["row"] for item in items] == [2, 3]
    assert items[0]["reasons"][0]["hint"]

    failed = client.ask("GET", failures, headers={"Accept": "text/csv"})
    assert failed.headers["Content-Type"] == "text/csv"
    fixed = failed.body.decode().replace("\nx,", "\n4,").replace("\n2,,", "\n2,bia,")
    again = client.ask("POST", ended["links"]["resubmit"], {"url": client.upload(fixed)})
    assert again.status == 202, again.describe()
    assert again.json["parent_id"] == ended["id"]
    assert client.wait(again.json)["state"] == "SUCCEEDED"
    assert client.ask("GET", ended["links"]["self"]).json["open_failures"] == 0
    assert site.rows("SELECT * FROM people ORDER BY id") == [
        ("47", "1", "ana"), ("47", "2", "bia"), ("47", "3", "eva"), ("47", "4", "rui"),
    ]  # fmt: skip
    assert site.value("SELECT string_agg(action, ' ' ORDER BY id) FROM eclusa.audit") == (
        "askUpload registerLoad askUpload resubmitFailures"
    )


def test_the_same_file_again_changes_nothing(site: Site, client: Client) -> None:
    url = client.upload("id,name\n1,ana\n")
    assert client.wait(client.register(url))["outcomes"]["inserted"] == 1
    assert client.wait(client.register(url))["outcomes"]["unchanged"] == 1


def test_failures_come_in_pages_and_by_filter(client: Client) -> None:
    text = "id,name\n" + "".join(f"x{n},a\n" for n in range(25)) + "1,\n"
    ended = client.load(text)
    assert ended["causes"][0]["likely_fault"]
    url = ended["links"]["failures"] + "?page_size=10"
    rows = []
    while url:
        page = client.ask("GET", url).json
        rows += [item["row"] for item in page["items"]]
        url = page.get("next")
    assert rows == list(range(1, 27))
    filtered = client.ask("GET", ended["links"]["failures"] + "?code=value.required").json["items"]
    assert [item["row"] for item in filtered] == [26]
    assert client.ask("GET", ended["links"]["failures"] + "?row=26&column=id").json["items"] == []


@pytest.mark.parametrize(
    ("accept", "begins"),
    [("text/csv", b"id,name,"), ("application/jsonl", b"{"), ("application/vnd.apache.parquet", b"PAR1")],
)
def test_failures_come_whole_in_a_format(client: Client, accept: str, begins: bytes) -> None:
    ended = client.load(MIXED)
    answer = client.ask("GET", ended["links"]["failures"], headers={"Accept": accept})
    assert answer.status == 200 and answer.headers["Content-Type"] == accept
    assert answer.body.startswith(begins)


def test_a_key_gives_the_first_answer_again(site: Site, client: Client) -> None:
    url = client.upload("id,name\n1,ana\n")
    body = {"tenant": 47, "url": url}
    key = {"Idempotency-Key": "6b1f"}
    first = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body, key)
    again = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body, key)
    assert (again.status, again.json) == (202, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    other = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", {**body, "dry_run": True}, key)
    assert (other.status, other.json["code"]) == (422, "api.key_reused")
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"


def test_the_same_key_at_once_makes_one_job(site: Site, client: Client) -> None:
    body = {"tenant": 47, "url": client.upload("id,name\n1,ana\n")}

    def register(_: int) -> int:
        return client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body, {"Idempotency-Key": "once"}).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(register, range(16)))
    assert set(statuses) <= {202, 409} and 202 in statuses
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"


def test_an_answer_that_was_refused_is_kept_too(site: Site, client: Client) -> None:
    body = {"tenant": 47, "url": "http://elsewhere/file.csv"}
    key = {"Idempotency-Key": "no"}
    first = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body, key)
    assert (first.status, first.json["code"]) == (422, "api.url_not_registered")
    again = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body, key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "0"


def test_claims_of_an_upload_are_part_of_its_signature(client: Client) -> None:
    text = b"id,name\n1,ana\n"
    digest = hashlib.sha256(text).hexdigest()
    asked = {"tenant": 47, "file": "p.csv", "size": len(text), "sha256": digest}
    where = client.ask("POST", f"{PEOPLE_PATH}/_bulk", asked).json
    put = Client(client.url).ask
    url = where["upload_url"]
    assert put("PUT", url, text + b"2,x\n").json["code"] in ("store.too_large", "store.upload_length")
    assert put("PUT", url, text[:-1]).json["code"] == "store.upload_length"
    assert put("PUT", url, b"x" * len(text)).json["code"] == "store.digest"
    assert put("PUT", url.replace("size=14", "size=15"), text + b"2").status == 403
    assert put("PUT", url, text).status == 200
    assert client.wait(client.register(url))["state"] == "SUCCEEDED"


def test_what_is_cheap_to_find_wrong_is_refused_at_once(site: Site, client: Client) -> None:
    def refused(body: dict[str, object]) -> tuple[int, str]:
        answer = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body)
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status, answer.json["code"]

    asked = client.ask("POST", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "file": "p.csv"}).json
    assert refused({"tenant": 47, "upload_id": asked["id"]}) == (422, "api.upload_missing")
    url = client.upload("id,name\n1,ana\n")
    assert refused({"tenant": 47, "url": url, "mood": "good"}) == (422, "api.unknown_field")
    assert refused({"tenant": 47, "url": url, "mode": "guess"}) == (422, "usage.flag")
    assert refused({"tenant": 47}) == (422, "api.field")
    assert refused({"url": url}) == (422, "load.tenant_missing")
    assert refused({"tenant": 47, "url": client.upload(b"PAR1 no")})[0] == 422
    assert refused({"tenant": 47, "url": client.upload("other\n1\n")})[0] == 422
    assert client.ask("PUT", f"{PEOPLE_PATH}/_bulk", "{").json["code"] == "api.syntax"
    assert client.ask("PUT", "/nowhere/_bulk", {"url": url}).json["code"] == "api.no_dataset"
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "0"


def test_a_load_that_waits_is_cancelled_at_once(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        job = client.register(client.upload("id,name\n1,ana\n"))
        assert (job["state"], job["status"], job["position_in_queue"]) == ("QUEUED", "enqueued", 1)
        early = client.ask("GET", job["links"]["failures"])
        assert (early.status, early.json["code"]) == (409, "api.not_ended") and early.headers["Retry-After"]
        cancelled = client.ask("POST", job["links"]["cancel"])
        assert (cancelled.status, cancelled.json["state"]) == (202, "CANCELED")
        assert client.ask("POST", job["links"]["cancel"]).status == 200


def test_another_tenants_load_is_not_found(site: Site, client: Client) -> None:
    mine = client.load(MIXED)
    url = client.upload("id,name\n9,x\n")
    other = Client(client.url, site.token("submit", "--tenant", "48"))
    for link in ("self", "failures"):
        assert other.ask("GET", mine["links"][link]).status == 404
    for link in ("cancel", "resubmit", "waive"):
        body = None if link == "cancel" else {"reason": "x", "row": 1, "url": url}
        assert other.ask("POST", mine["links"][link], body).status == 404
    stolen = other.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 48, "url": url})
    assert (stolen.status, stolen.json["code"]) == (404, "api.no_upload")
    forced = other.ask("POST", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "file": "p.csv"})
    assert (forced.status, forced.json["code"]) == (403, "api.tenant_not_allowed")
    assert other.ask("GET", f"{PEOPLE_PATH}/_bulk").json["items"] == []
    assert len(client.ask("GET", f"{PEOPLE_PATH}/_bulk").json["items"]) == 1


def test_roles_and_tokens(site: Site, client: Client) -> None:
    reader = Client(client.url, site.token("read"))
    assert reader.ask("GET", "/v1/datasets").status == 200
    refused = reader.ask("POST", f"{PEOPLE_PATH}/_bulk", {"file": "p.csv"})
    assert (refused.status, refused.json["code"]) == (403, "api.role")
    nobody = Client(client.url).ask("GET", "/v1/datasets")
    assert nobody.status == 401 and nobody.headers["WWW-Authenticate"] == "Bearer"
    assert Client(client.url, "ecl_" + "0" * 64).ask("GET", "/v1/datasets").status == 401


def settled(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    """The status with the phases, which are added when the job has ended."""
    while not job["phases"]:
        job = client.ask("GET", job["links"]["self"]).json
    return job


def test_waiving_closes_failures(client: Client) -> None:
    ended = settled(client, client.load(MIXED))
    waived = client.ask("POST", ended["links"]["waive"], {"code": "type.integer", "reason": "a test row"})
    assert waived.json == {"waived": 1, "left_for_other_reasons": 0, "open_failures": 1}
    assert client.ask("GET", ended["links"]["self"]).json == {**ended, "open_failures": 1}


def test_a_job_that_has_ended_says_the_same_again(client: Client) -> None:
    ended = settled(client, client.load(MIXED))
    for _ in range(2):
        assert client.ask("GET", ended["links"]["self"]).json == ended
        portuguese = client.ask("GET", ended["links"]["self"], headers={"Accept-Language": "pt"}).json
        assert portuguese["message"].startswith("carregado") and portuguese["outcomes"] == ended["outcomes"]
    client.ask("POST", ended["links"]["waive"], {"code": "type.integer", "reason": "a test row"})
    assert client.ask("GET", ended["links"]["self"]).json["open_failures"] == 1


def test_messages_come_in_the_callers_language(client: Client) -> None:
    answer = client.ask("GET", "/v1/problems/api.role", headers={"Accept-Language": "pt-BR,pt;q=0.9,en;q=0.8"})
    assert answer.json["text"].startswith("um token")
    missing = client.ask("GET", "/no/such/path", headers={"Accept-Language": "pt-BR"})
    assert missing.status == 404 and missing.headers["Content-Language"] == "pt"


def test_a_new_version_of_a_contract_leaves_registered_loads_as_they_were(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        job = client.register(client.upload("id,name\n1,a long name\n"))
    site.publish("people", PEOPLE_CONTRACT.replace(
        "logicalType: string, required: true", "logicalType: string, required: true, logicalTypeOptions: {maxLength: 3}"
    ))  # fmt: skip
    with site.serving() as url:
        client = Client(url, site.token())
        path = urllib.parse.urlsplit(job["links"]["self"]).path
        first = client.wait({"links": {"self": path}})
        assert (first["state"], first["contract_version"]) == ("SUCCEEDED", 1)
        second = client.load("id,name\n1,a long name\n")
        assert (second["failures"], second["contract_version"]) == (1, 2)


def register_parts_again(client: Client, upload_id: str, rows: int) -> None:
    """Refused, then accepted, then accepted once more: the parts were joined by the first."""

    def register(**asked: str) -> Answer:
        return client.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "upload_id": upload_id, **asked})

    refused = register(version_column="no_such")
    assert refused.status == 422, refused.describe()
    for unchanged in (0, rows):
        answer = register()
        assert answer.status == 202, answer.describe()
        ended = client.wait(answer.json)
        assert (ended["state"], ended["total"]) == ("SUCCEEDED", rows)
        assert ended["outcomes"]["unchanged"] == unchanged


def test_parts_are_joined_once_and_registered_as_often_as_asked(client: Client) -> None:
    register_parts_again(client, client.upload_in_parts(b"id,name\n1,ana\n2,rui\n", 3), 2)


def test_an_upload_says_which_parts_of_it_are_there(site: Site, client: Client) -> None:
    asked = {"tenant": 47, "file": "p.csv", "size": 14, "parts": 2}
    upload = client.ask("POST", f"{PEOPLE_PATH}/_bulk", asked).json
    where = f"{PEOPLE_PATH}/_bulk/uploads/{upload['id']}"

    def there() -> tuple[bool, list[dict[str, int]]]:
        state = client.ask("GET", where).json
        return state["complete"], state["parts"]

    assert there() == (False, [])
    halves = (b"id,name", b"\n1,ana\n")
    size = upload["part_size"]
    assert size == 7
    for url, half in zip(reversed(upload["upload_urls"]), reversed(halves), strict=True):
        assert Client(client.url).ask("PUT", url, half, upload["headers"]).status == 200
        if half == halves[1]:
            assert there() == (False, [{"part": 2, "size": 7}])
    assert there() == (False, [{"part": 1, "size": 7}, {"part": 2, "size": 7}])
    body = {"tenant": 47, "upload_id": upload["id"]}
    job = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body).json
    assert client.wait(job)["state"] == "SUCCEEDED"
    assert there() == (True, [])
    assert client.ask("GET", f"/v1/loads/{job['id']}").json["links"] == job["links"]

    other = Client(client.url, site.token("submit", "--tenant", "48"))
    assert (other.ask("GET", where).status, other.ask("GET", f"/v1/loads/{job['id']}").status) == (404, 404)
    assert client.ask("GET", f"{PEOPLE_PATH}/_bulk/uploads/none").status == 404
