"""eclusa.audit: who did what to which job, for which tenant, in which request; and nothing that was not done."""

from __future__ import annotations

import json
import re

import pytest

from tests.api.conftest import PEOPLE_PATH, Answer, Client, Site
from tests.api.test_form_upload import field, file, form

BULK = f"{PEOPLE_PATH}/_bulk"
MIXED = "id,name\n1,ana\nx,rui\n2,\n3,eva\n"
Row = tuple[str, ...]


class Auditor:
    """Requests of one token, each with a trace id of its own."""

    def __init__(self, site: Site, url: str, role: str = "submit", *flags: str) -> None:
        self.site = site
        self.client = Client(url, site.token(role, *flags))
        self.asked = 0

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[Answer, str]:
        self.asked += 1
        trace = f"{self.asked:032x}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.ask(method, path, body, {"traceparent": f"00-{trace}-b7ad6b7169203331-01", **sent})
        return answer, trace

    def of(self, trace: str) -> list[Row]:
        return self.site.rows(
            "SELECT actor, action, job_id::text, tenant, detail::text FROM eclusa.audit"
            f" WHERE trace_id = '{trace}' ORDER BY id"
        )

    def number(self, job: dict[str, object]) -> str:
        return self.site.value(f"SELECT id::text FROM eclusa.jobs WHERE uid = '{job['id']}'")


def rows(site: Site) -> str:
    return site.value("SELECT count(*) FROM eclusa.audit")


def test_every_deed_has_a_row(site: Site) -> None:
    with site.serving() as url:
        auditor = Auditor(site, url, "submit", "--tenant", "47")
        who = "test submit"

        asked, trace = auditor.ask("POST", BULK, {"tenant": 47, "file": "people.csv"})
        assert asked.status == 201
        upload = asked.json
        assert auditor.of(trace) == [(who, "askUpload", "null", "47", f'{{"upload": "{upload["id"]}"}}')]
        assert Client(url).ask("PUT", upload["upload_url"], MIXED).status == 200

        registered, trace = auditor.ask("PUT", BULK, {"tenant": 47, "upload_id": upload["id"]})
        job = registered.json
        number = auditor.number(job)
        assert auditor.of(trace) == [(who, "registerLoad", number, "47", "{}")]
        ended = auditor.client.wait(job)
        assert ended["state"] == "SUCCEEDED_WITH_FAILURES"

        waived, trace = auditor.ask("POST", ended["links"]["waive"], {"row": 2, "reason": "a test row"})
        assert waived.status == 200 and auditor.of(trace) == [(who, "waiveFailures", number, "47", "{}")]

        failed = auditor.client.ask("GET", ended["links"]["failures"], headers={"Accept": "text/csv"}).body.decode()
        fixed = auditor.client.upload(failed.replace("\n2,,", "\n2,bia,"))
        resubmitted, trace = auditor.ask("POST", ended["links"]["resubmit"], {"url": fixed})
        assert resubmitted.status == 202, resubmitted.describe()
        again = auditor.number(resubmitted.json)
        assert again != number and auditor.of(trace) == [(who, "resubmitFailures", again, "47", "{}")]
        auditor.client.wait(resubmitted.json)

        cancelled, trace = auditor.ask("POST", ended["links"]["cancel"])
        assert cancelled.status == 200 and auditor.of(trace) == [(who, "cancelLoad", number, "47", "{}")]

        form_type = {"Content_Type": "multipart/form-data; boundary=B"}
        sent, trace = auditor.ask("POST", f"{BULK}/upload", form(field("tenant", "47"), file()), **form_type)
        assert sent.status == 202, sent.describe()
        assert auditor.of(trace) == [(who, "uploadAndLoad", auditor.number(sent.json), "47", "{}")]
        auditor.client.wait(sent.json)
    assert site.value("SELECT bool_and(peer LIKE '127.0.0.1%' AND at <= clock_timestamp()) FROM eclusa.audit") == "t"
    assert site.value("SELECT bool_and(trace_id ~ '^[0-9a-f]{32}$') FROM eclusa.audit") == "t"


def test_each_token_goes_by_its_own_name(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        for role, tenant in (("submit", 47), ("admin", 48)):
            auditor = Auditor(site, url, role)
            job = auditor.client.register(auditor.client.upload(MIXED, tenant=tenant), tenant=tenant)
            assert auditor.ask("POST", job["links"]["cancel"])[0].status == 202
    assert site.rows("SELECT actor, action, tenant FROM eclusa.audit WHERE job_id IS NOT NULL ORDER BY id") == [
        ("test submit", "registerLoad", "47"), ("test submit", "cancelLoad", "47"),
        ("test admin", "registerLoad", "48"), ("test admin", "cancelLoad", "48"),
    ]  # fmt: skip


def test_it_names_the_token_and_never_holds_it_or_a_row(site: Site) -> None:
    with site.serving() as url:
        client = Client(url, site.token())
        ended = client.load("id,name\n1,ana\nZq7xK,rui\n")
        body = {"code": "type.integer", "reason": "a test row"}
        assert client.ask("POST", ended["links"]["waive"], body).status == 200
    text = site.value("SELECT string_agg(a::text, ' ') FROM eclusa.audit a")
    assert "test submit" in text and "waiveFailures" in text
    assert client.token not in text and "Zq7xK" not in text and "signature" not in text


def test_the_first_answer_again_is_no_second_deed(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        auditor = Auditor(site, url)
        body = {"tenant": 47, "url": auditor.client.upload(MIXED)}
        first, trace = auditor.ask("PUT", BULK, body, Idempotency_Key="6b1f")
        again, replayed = auditor.ask("PUT", BULK, body, Idempotency_Key="6b1f")
        assert again.headers["Idempotent-Replayed"] == "true" and again.json == first.json
        assert [row[1] for row in auditor.of(trace)] == ["registerLoad"] and auditor.of(replayed) == []


def refused(auditor: Auditor, call: str) -> tuple[Answer, str]:
    """One that comes to nothing."""
    job = f"{BULK}/status/{auditor.site.value('SELECT uid::text FROM eclusa.jobs')}"
    upload = {"tenant": 47, "file": "people.csv"}
    asks = {
        "no token": lambda: auditor.ask("POST", BULK, upload, Authorization="Bearer ecl_00"),
        "a field": lambda: auditor.ask("POST", BULK, {**upload, "mood": "good"}),
        "a file": lambda: auditor.ask("PUT", BULK, {"tenant": 47, "url": "http://elsewhere/people.csv"}),
        "a file and a key": lambda: auditor.ask(
            "PUT", BULK, {"tenant": 47, "url": "http://elsewhere/people.csv"}, Idempotency_Key="no"
        ),
        "too early": lambda: auditor.ask("POST", f"{job}/resubmit", {"url": auditor.client.upload(MIXED)}),
        "no failures": lambda: auditor.ask("POST", f"{job}/waive", {"code": "type.integer", "reason": "none"}),
        "no such job": lambda: auditor.ask("POST", f"{BULK}/status/{'0' * 8}-0000-7000-8000-{'0' * 12}/cancel"),
    }
    return asks[call]()


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ("no token", 401),
        ("a field", 422),
        ("a file", 422),
        ("a file and a key", 422),
        ("too early", 409),
        ("no failures", 404),
        ("no such job", 404),
    ],
)
def test_a_call_that_is_refused_did_nothing_and_is_in_the_log_alone(site: Site, call: str, status: int) -> None:
    with site.serving("--workers", "0") as url:
        auditor = Auditor(site, url)
        auditor.client.register(auditor.client.upload(MIXED))
        answer, trace = refused(auditor, call)
        assert answer.status == status, answer.describe()
        assert answer.json["trace_id"] == trace and auditor.of(trace) == []
    log = (site.folder / "serve.log").read_text(encoding="utf-8")
    (line,) = [json.loads(line) for line in log.splitlines() if trace in line]
    assert (line["event"], line["status"]) == ("request", str(status))


def test_what_another_tenant_is_refused_leaves_the_job_as_it_was(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        owner = Auditor(site, url, "submit", "--tenant", "47")
        job = owner.client.register(owner.client.upload(MIXED))
        before = rows(site)
        for role, tenant, expected in (("submit", "48", 404), ("read", "47", 403)):
            other = Auditor(site, url, role, "--tenant", tenant)
            assert other.ask("POST", job["links"]["cancel"])[0].status == expected
        assert rows(site) == before
        assert owner.client.ask("GET", job["links"]["self"]).json["state"] == "QUEUED"


def test_a_trace_id_that_is_none_is_made_anew(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        for trace in ("", "00-0-0-00", f"00-{'0' * 32}-b7ad6b7169203331-01"):
            headers = {"traceparent": trace} if trace else {}
            assert client.ask("POST", BULK, {"tenant": 47, "file": "p.csv"}, headers).status == 201
    traces = [trace for (trace,) in site.rows("SELECT trace_id FROM eclusa.audit")]
    assert len(set(traces)) == 3 and all(re.fullmatch("[0-9a-f]{32}", trace) for trace in traces)
