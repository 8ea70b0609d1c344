"""The log of `eclusa serve` and its workers: JSON lines that say which job, and never what is in a row or who may."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from tests import database
from tests.api.conftest import PATIENCE, PEOPLE_PATH, Client, Site
from tests.api.test_bad_days import Gate
from tests.api.test_bad_days import gate_at as gate_at  # a fixture

BULK = f"{PEOPLE_PATH}/_bulk"
MARKER = "Zq7xK"
# Of the server or of the worker as a whole; all others are about a job.
OF_NO_JOB = {"request", "request_failed", "contract_published", "lease_taken", "retention_applied"}
# The server's own messages hold rows' content too.
TALKATIVE = f"""
CREATE FUNCTION talk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.name LIKE '{MARKER} row%' THEN RAISE EXCEPTION 'not %', NEW.name USING DETAIL = NEW.name; END IF;
  IF TG_WHEN = 'AFTER' AND NEW.name LIKE '{MARKER} all%' THEN RAISE EXCEPTION 'never %', NEW.name; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER talk BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION talk();
CREATE CONSTRAINT TRIGGER talk_last AFTER INSERT ON people DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION talk();
"""


def lines(site: Site) -> list[dict[str, Any]]:
    """Each line is an object that says when, how grave and what."""
    found = [json.loads(line) for line in (site.folder / "serve.log").read_text(encoding="utf-8").splitlines()]
    for line in found:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line
        assert line["level"] in ("info", "warning") and line["event"], line
    return found


def check_jobs(found: list[dict[str, Any]]) -> None:
    for line in found:
        assert line["event"] in OF_NO_JOB or re.fullmatch(r"\d+", line.get("job", "")), line


def events(found: list[dict[str, Any]], job: str) -> list[tuple[str, str | None]]:
    return [(line["event"], line.get("state") or line.get("code")) for line in found if line.get("job") == job]


def test_it_holds_no_rows_and_no_secrets(site: Site) -> None:
    database.execute(site.sql, TALKATIVE)
    with site.serving() as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        sent = client.upload(
            f"id,name\n1,ana\n{MARKER},rui\n2,{MARKER} row\n3,a,{MARKER}\n4,\"{MARKER}\n"  # the last is never closed
        )
        failed = client.wait(client.register(sent))
        assert (failed["state"], failed["successes"]) == ("SUCCEEDED_WITH_FAILURES", 1), failed
        # It was there to be told.
        assert MARKER in client.ask("GET", failed["links"]["failures"]).body.decode()
        rejected = client.load(f"id,name\n5,{MARKER} all\n", max_failures=0)
        assert rejected["state"] == "REJECTED", rejected
        lost = client.load(f"id,name\n6,{MARKER}\n", mode="replace", min_rows=100)
        assert lost["state"] == "FAILED", lost
        mixed = {"tenant": 47, "url": f"http://elsewhere/{MARKER}.csv?sig={MARKER}"}
        assert client.ask("PUT", BULK, mixed).status == 422
        assert client.ask("GET", f"{BULK}?state={MARKER}").status == 422
        assert client.ask("POST", BULK, {"tenant": 47, MARKER: 1}).status == 422
        signature = urllib.parse.parse_qs(urllib.parse.urlsplit(sent).query)["signature"][0]
        altered = sent.replace(signature, signature[::-1])
        assert Client(url).ask("PUT", altered, "id,name\n").status == 403
        assert Client(url, f"ecl_{MARKER}").ask("GET", BULK).status == 401
    found = lines(site)
    numbers = [number for (number,) in site.rows("SELECT id::text FROM eclusa.jobs ORDER BY id")]
    assert events(found, numbers[0]) == [("job_claimed", None), ("job_ended", "SUCCEEDED_WITH_FAILURES")]
    assert events(found, numbers[1]) == [("job_claimed", None), ("job_ended", "REJECTED")]
    assert events(found, numbers[2]) == [("job_claimed", None), ("job_not_loaded", "replace.too_few_rows")]
    assert {line["status"] for line in found if line["event"] == "request"} >= {"200", "201", "202", "401", "403", "422"}
    check_jobs(found)
    text = (site.folder / "serve.log").read_text(encoding="utf-8")
    for secret in (MARKER, client.token, client.token.removeprefix("ecl_"), signature, signature[::-1]):
        assert secret not in text


def test_a_request_is_found_by_its_trace_id(site: Site) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        client.ask("GET", BULK, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        refused = client.ask("GET", "/no/such/_bulk")
    requests = [line for line in lines(site) if line["event"] == "request"]
    assert [(r["operation"], r["status"]) for r in requests if r["trace"] == trace] == [("listLoads", "200")]
    told = refused.json["trace_id"]
    assert [(r["operation"], r["status"]) for r in requests if r["trace"] == told] == [("listLoads", "404")]


def test_a_part_is_logged_with_its_job(site: Site, gate_at: Callable[[str], Gate]) -> None:
    rows = "".join(f"{n},{'x' if n % 5000 else MARKER * 2}\n" for n in range(1, 20_001))
    gate = gate_at("parts.queued")
    with site.serving("--workers", "2", fault=gate.fault) as url:
        client = Client(url, site.token())
        job = client.register(client.upload(f"id,name\n{rows}{MARKER},x\n"), rows_per_part=10_000)
        gate.wait()
        end = time.monotonic() + PATIENCE
        while '"event":"part_claimed"' not in site.log():  # the one that helps
            assert time.monotonic() < end, site.log()
            database.execute(site.sql, "SELECT pg_sleep(0.05)")
        gate.open()
        assert client.wait(job)["successes"] == 20_000
    found = lines(site)
    check_jobs(found)
    number = site.value("SELECT id::text FROM eclusa.jobs")
    parts = [line for line in found if line["event"] == "part_claimed"]
    assert parts and all((p["job"], p["attempt"]) == (number, "1") and p["part"].isdigit() for p in parts)
    assert MARKER not in (site.folder / "serve.log").read_text(encoding="utf-8")


def test_a_merge_that_is_tried_again_is_logged_with_its_job(site: Site, gate_at: Callable[[str], Gate]) -> None:
    gate = gate_at("load.staged")
    with site.serving("--workers", "1", fault=gate.fault) as url:
        client = Client(url, site.token())
        job = client.register(client.upload("id,name\n1,ana\n"))
        gate.wait()
        database.execute(site.sql, "ALTER TABLE people ADD COLUMN note text")
        gate.open()
        assert client.wait(job)["state"] == "SUCCEEDED"
    found = lines(site)
    assert "final_transaction_again" in [line["event"] for line in found]
    check_jobs(found)
