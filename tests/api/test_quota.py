"""So many loads of a tenant wait in the queue and no more; others are not held up, and it passes by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import PEOPLE_PATH, Answer, Client, Site
from tests.api.test_bad_days import problem
from tests.api.test_form_upload import field, file, form

BULK = f"{PEOPLE_PATH}/_bulk"
TEXT = "id,name\n1,ana\n"
ONE = {"ECLUSA_API_JOBS_WAITING_MAX": "1"}


def body(client: Client, tenant: int = 47) -> dict[str, object]:
    return {"tenant": tenant, "url": client.upload(TEXT, tenant=tenant)}


def check_full(answer: Answer) -> None:
    assert problem(answer) == (429, "api.too_many_jobs")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["detail"].startswith("1 ")


def empty_the_queue(client: Client) -> None:
    for job in client.ask("GET", f"{BULK}?state=QUEUED").json["items"]:
        assert client.ask("POST", f"{BULK}/status/{job['id']}/cancel").status == 202


def test_a_tenant_whose_queue_is_full_waits_and_another_does_not(site: Site) -> None:
    with site.serving("--workers", "0", environment=ONE) as url:
        client = Client(url, site.token())
        assert client.ask("PUT", BULK, body(client)).status == 202
        second = body(client)
        check_full(client.ask("PUT", BULK, second))
        sent = form(field("tenant", "47"), file())
        check_full(client.ask("POST", f"{BULK}/upload", sent, {"Content-Type": "multipart/form-data; boundary=B"}))
        portuguese = client.ask("PUT", BULK, second, {"Accept-Language": "pt"})
        assert problem(portuguese) == (429, "api.too_many_jobs") and portuguese.headers["Content-Language"] == "pt"
        assert client.ask("PUT", BULK, body(client, 48)).status == 202
        assert site.rows("SELECT tenant, count(*) FROM eclusa.jobs GROUP BY 1 ORDER BY 1") == [("47", "1"), ("48", "1")]
        empty_the_queue(client)
        assert client.ask("PUT", BULK, second).status == 202


def test_what_runs_or_has_ended_does_not_wait(site: Site) -> None:
    with site.serving("--workers", "1", environment=ONE) as url:
        client = Client(url, site.token())
        for _ in range(3):
            assert client.load(TEXT)["state"] == "SUCCEEDED"


def test_what_is_handed_in_again_waits_like_others(site: Site) -> None:
    with site.serving("--workers", "1") as url:
        client = Client(url, site.token())
        failed = client.load("id,name\nx,ana\n")
        status = f"{BULK}/status/{failed['id']}"
    with site.serving("--workers", "0", environment=ONE) as url:
        client = Client(url, client.token)
        csv = client.ask("GET", f"{status}/failures", headers={"Accept": "text/csv"}).body.decode()
        fixed = {"url": client.upload(csv.replace("\nx,", "\n2,"))}
        assert client.ask("PUT", BULK, body(client)).status == 202
        check_full(client.ask("POST", f"{status}/resubmit", fixed))
        empty_the_queue(client)
        assert client.ask("POST", f"{status}/resubmit", fixed).status == 202


def asked_with_key(client: Client, call: str) -> Callable[[], Answer]:
    """The same request each time."""
    key = {"Idempotency-Key": "6b1f"}
    asked = body(client)
    form_type = {"Content-Type": "multipart/form-data; boundary=B"}
    sent = form(field("tenant", "47"), file())
    if call == "form":
        return lambda: client.ask("POST", f"{BULK}/upload", sent, {**form_type, **key})
    return lambda: client.ask("PUT", BULK, asked, key)


@pytest.mark.parametrize("call", ["register", "form"])
def test_the_key_of_a_request_that_came_too_early_is_still_good(site: Site, call: str) -> None:
    with site.serving("--workers", "0", environment=ONE) as url:
        client = Client(url, site.token())
        assert client.ask("PUT", BULK, body(client)).status == 202
        ask = asked_with_key(client, call)
        for _ in range(2):
            check_full(ask())
        empty_the_queue(client)
        accepted = ask()
        assert accepted.status == 202 and accepted.headers["Idempotent-Replayed"] is None, accepted.describe()
        assert site.value("SELECT count(*) FROM eclusa.jobs") == "2"


@pytest.mark.parametrize("call", ["register", "form"])
def test_what_was_accepted_is_answered_again_though_the_queue_is_full_with_it(site: Site, call: str) -> None:
    with site.serving("--workers", "0", environment=ONE) as url:
        client = Client(url, site.token())
        ask = asked_with_key(client, call)
        first = ask()
        assert first.status == 202, first.describe()
        again = ask()
        assert again.status == 202 and again.headers["Idempotent-Replayed"] == "true", again.describe()
        assert again.json["id"] == first.json["id"]


def test_a_token_may_have_limits_of_its_own(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token("submit", "--jobs-waiting", "1"))
        other = Client(url, site.token("submit"))
        assert client.ask("PUT", BULK, body(client)).status == 202
        second = body(client)
        refused = client.ask("PUT", BULK, second)
        assert problem(refused) == (429, "api.token_quota") and int(refused.headers["Retry-After"]) > 0
        assert other.ask("PUT", BULK, body(other)).status == 202
        empty_the_queue(other)
        assert client.ask("PUT", BULK, second).status == 202

        slow = Client(url, site.token("read", "--requests-per-minute", "2"))
        answers = [slow.ask("GET", BULK) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}
        assert other.ask("GET", BULK).headers["RateLimit-Limit"] == "6000"


def test_a_token_without_a_limit_that_is_a_number_is_not_made(site: Site) -> None:
    for flag in ("--jobs-waiting", "--requests-per-minute"):
        run = site.product.run(["token", "create", "--name", "x", flag, "0"])
        assert run.exit == 2, run.describe()
