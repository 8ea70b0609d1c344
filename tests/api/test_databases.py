"""Datasets in databases of their own: loaded there, told here; and what becomes of it on bad days."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql as sql_text

from tests import database
from tests.api.conftest import PATIENCE, PEOPLE, PEOPLE_PATH, Client, Site

TWO_BAD = "id,name\n1,ana\nx,rui\n,eva\n4,leo\n"


class Own:
    """A database of one tenant, with the table and nothing else in it."""

    def __init__(self, name: str, conninfo: str) -> None:
        self.name = name
        self.conninfo = conninfo
        with self.session() as sql:
            database.execute(sql, PEOPLE)

    def session(self) -> contextlib.AbstractContextManager[psycopg.Connection]:
        return contextlib.closing(database.connect(self.conninfo))

    def value(self, query: str) -> str:
        with self.session() as sql:
            return database.text_rows(sql, query)[0][0]

    def allow(self, allowed: bool) -> None:
        """Whether anybody may come in; who is in is thrown out."""
        word = sql_text.SQL("true" if allowed else "false")
        name = sql_text.Identifier(self.name)
        with psycopg.connect(os.environ["ECLUSA_TEST_DB"], autocommit=True) as sql:
            sql.execute(sql_text.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, word))
            sql.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [self.name]
            )


@pytest.fixture()
def own() -> Iterator[Own]:
    with database.scratch_database("api_own_47") as conninfo:
        yield Own("api_own_47", conninfo)


def targets(*databases: tuple[str, str, Own]) -> dict[str, str]:
    lines = [f"{name} people {tenant} {own.conninfo}" for name, tenant, own in databases]
    return {"ECLUSA_TARGETS": ",".join(lines)}


def counts(site: Site, own: Own) -> str:
    """Rows and loads committed: here, there."""
    query = "SELECT (SELECT count(*) FROM people) || ' ' || (SELECT count(*) FROM eclusa.ledger)"
    return f"{site.value(query)}, {own.value(query)}"


def test_the_whole_conversation(site: Site, own: Own) -> None:
    with site.serving(environment=targets(("acme", "47", own))) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        status = client.load(TWO_BAD)
        assert status["state"] == "SUCCEEDED_WITH_FAILURES"
        assert (status["total"], status["successes"], status["failures"]) == (4, 2, 2)
        assert counts(site, own) == "0 0, 2 1"
        assert status["open_failures"] == 2 and status["causes"] and status["files"] and status["phases"]
        failures = client.ask("GET", f"{status['links']['failures']}?state=open")
        assert [(item["row"], item["state"]) for item in failures.json["items"]] == [(2, "open"), (3, "open")]
        whole = client.ask("GET", status["links"]["failures"], headers={"Accept": "text/csv"})
        assert "rui" in whole.body.decode()

        waived = client.ask("POST", status["links"]["waive"], {"row": 3, "reason": "nobody"})
        assert waived.json["open_failures"] == 1, waived.describe()
        # Both are handed in again; the one that was let go stays so.
        fixed = whole.body.decode().replace("x,rui", "2,rui").replace(",eva", "3,eva")
        again = client.ask("POST", status["links"]["resubmit"], {"url": client.upload(fixed)})
        assert again.status == 202, again.describe()
        child = client.wait(again.json)
        assert (child["state"], child["parent_id"]) == ("SUCCEEDED", status["id"]), child
        assert counts(site, own) == "0 0, 4 2"
        states = "SELECT string_agg(row || state, ' ' ORDER BY row) FROM eclusa.failures"
        assert site.value(states) == "2closed 3waived"
        assert own.value(states) == "2closed 3closed"
        parent = client.ask("GET", status["links"]["self"])
        assert parent.json["open_failures"] == 0, parent.describe()

        # Another tenant's go where they always went.
        other = Client(url, site.token("submit", "--tenant", "48"))
        other.wait(other.register(other.upload("id,name\n1,a\n", tenant=48), tenant=48))
        assert counts(site, own) == "1 1, 4 2"


def test_two_tenants_in_two_databases_at_once(site: Site, own: Own) -> None:
    with database.scratch_database("api_own_48") as conninfo:
        second = Own("api_own_48", conninfo)
        with site.serving(environment=targets(("a", "47", own), ("b", "48", second))) as url:
            client = Client(url, site.token("admin"))
            jobs = [
                client.register(client.upload(f"id,name\n{tenant},a\n{n},b\n", tenant=tenant), tenant=tenant)
                for n in range(4)
                for tenant in (47, 48)
            ]
            assert {client.wait(job)["state"] for job in jobs} == {"SUCCEEDED"}
        for tenant, one in ((47, own), (48, second)):
            assert one.value("SELECT string_agg(DISTINCT tenant::text, ' ') FROM people") == str(tenant)
            assert counts(site, one) == "0 0, 5 4"


def wait_until(site: Site, query: str) -> None:
    end = time.monotonic() + PATIENCE
    while site.value(query) != "t":
        assert time.monotonic() < end, f"{query}\n{site.log()}"
        database.execute(site.sql, "SELECT pg_sleep(0.02)")


def test_its_database_is_gone_for_a_while(site: Site, own: Own) -> None:
    environment = targets(("acme", "47", own))
    with site.serving("--workers", "0", environment=environment) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        job = client.register(client.upload(TWO_BAD))
        stopped = client.register(client.upload("id,name\n9,late\n"))
    own.allow(False)
    with site.serving("--workers", "1", environment=environment) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        refused = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "url": client.upload(TWO_BAD)})
        assert refused.status == 503, refused.describe()
        assert refused.json["code"] == "database.unreachable", refused.describe()
        given_back = "SELECT count(DISTINCT job_id) = 2 FROM eclusa.job_events WHERE event = 'give_back'"
        wait_until(site, given_back)
        asked = client.ask("POST", f"{PEOPLE_PATH}/_bulk/status/{stopped['id']}/cancel")
        assert (asked.status, asked.json["state"]) == (202, "CANCELING"), asked.describe()
        waits = client.ask("GET", f"{PEOPLE_PATH}/_bulk/status/{job['id']}").json
        assert (waits["state"], waits["database"], waits["error"]) == ("QUEUED", "acme", None)
        assert (waits["retry"]["tries"], waits["retry"]["why"]) == (0, "database.unreachable")
        assert waits["retry"]["at"] > waits["created_at"]
        assert "came to nothing: database.unreachable" in site.run("status", "1")
        metrics = Client(url, site.token("admin")).ask("GET", "/metrics").body
        assert b'eclusa_target_jobs{target="acme",state="QUEUED"} 2' in metrics
        own.allow(True)
        database.execute(site.sql, "UPDATE eclusa.queue SET ready_at = clock_timestamp()")
        ends = [
            client.wait({"links": {"self": f"{PEOPLE_PATH}/_bulk/status/{one['id']}"}})["state"]
            for one in (job, stopped)
        ]
        assert ends == ["SUCCEEDED_WITH_FAILURES", "CANCELED"]
    assert counts(site, own) == "0 0, 2 1"


def test_a_worker_that_does_not_know_it_loads_nothing(site: Site, own: Own) -> None:
    with site.serving("--workers", "0", environment=targets(("acme", "47", own))) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        client.register(client.upload("id,name\n1,a\n"))
    with site.serving("--workers", "1") as url:
        wait_until(site, "SELECT state = 'FAILED' FROM eclusa.jobs")
    assert site.value("SELECT error ->> 'code' FROM eclusa.jobs") == "job.unknown_target"
    assert site.value("SELECT count(*) FROM people") == "0"
    assert own.value("SELECT count(*) FROM people") == "0"


def test_cancelled_while_it_loads_there(site: Site, own: Own) -> None:
    with site.serving("--workers", "1", environment=targets(("acme", "47", own))) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        with own.session() as holder, holder.transaction():
            database.execute(holder, "LOCK TABLE people IN SHARE MODE")  # who only looks does not wait
            job = client.register(client.upload("id,name\n1,a\n"))
            wait_until(
                site,
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                f" AND application_name = 'eclusa {job['id']} 1')",
            )
            assert client.ask("POST", job["links"]["cancel"]).status == 202
            assert client.wait(job)["state"] == "CANCELED"
        assert counts(site, own) == "0 0, 0 0"
        assert own.value("SELECT state FROM eclusa.jobs") == "CANCELED"
        assert database_leftovers(own) == []


def database_leftovers(own: Own) -> list[str]:
    with own.session() as sql:
        return database.leftovers(sql)


def test_killed_between_the_two_commits(site: Site, own: Own) -> None:
    environment = targets(("acme", "47", own))
    with site.serving("--workers", "0", environment=environment) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        job = client.register(client.upload(TWO_BAD))
    worker = subprocess.run(
        [
            site.product.binary, "worker", "--db", site.conninfo, "--lease", "1",
            "--storage", str(site.folder / "store"),
        ],  # fmt: skip
        env={**os.environ, **environment, "ECLUSA_FAULT": "mirror.ended:kill"},
        timeout=PATIENCE,
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL
    assert site.value("SELECT state FROM eclusa.jobs") == "LOADING"
    assert counts(site, own) == "0 0, 2 1"
    with site.serving("--workers", "1", "--config", str(fast_lease(site.folder)), environment=environment) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        status = client.wait({"links": {"self": f"{PEOPLE_PATH}/_bulk/status/{job['id']}"}})
    assert (status["state"], status["failures"]) == ("SUCCEEDED_WITH_FAILURES", 2)
    assert counts(site, own) == "0 0, 2 1"


def fast_lease(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "settings.yaml"
    path.write_text("lease_seconds: 1\n", encoding="utf-8")
    return path


def test_a_password_in_a_line_is_refused_and_not_shown(site: Site) -> None:
    environment = {"ECLUSA_TARGETS": "acme * * postgresql://loader:s3cret@db7/acme"}
    checked = site.product.run(["config", "check"], environment=environment)
    assert checked.exit == 1 and "passfile" in checked.output, checked.describe()
    shown = site.product.run(["config", "show"], environment=environment)
    assert "loader" in shown.output, shown.describe()
    assert "s3cret" not in checked.output + shown.output
