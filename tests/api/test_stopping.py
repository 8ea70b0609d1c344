"""A worker that is told to stop, alone or inside `eclusa serve`: it ends what it has begun, or gives it back."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import urllib.parse
from collections.abc import Iterator, Sequence

import pytest

from tests import database
from tests.api.conftest import PATIENCE, Client, Site
from tests.e2e.conftest import held

TEXT = "id,name\n" + "".join(f"{n},n{n}\n" for n in range(1, 101))
COMMANDS = (("worker",), ("serve", "--listen", "127.0.0.1:0"))
ENOUGH = "60"  # seconds to finish: no test waits for so long
# The session that hears of new jobs: it is the first thing that goes when a worker is told to stop.
LISTENS = (
    "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"
)

commands = pytest.mark.parametrize("command", COMMANDS, ids=("worker", "serve"))


def register(site: Site, *texts: str) -> str:
    """Where the status of the last one is."""
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        for text in texts:
            job = client.register(client.upload(text))
    return urllib.parse.urlsplit(job["links"]["self"]).path


def wait_until(site: Site, query: str) -> None:
    end = time.monotonic() + PATIENCE
    while site.value(query) != "t":
        assert time.monotonic() < end, f"never true: {query}\n{site.log()}"
        database.execute(site.sql, "SELECT pg_sleep(0.02)")


@contextlib.contextmanager
def told_to_stop(
    site: Site, command: Sequence[str], point: str, finish_within: str, ends_with: int = 0
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with one job, held at the point until it knows that it shall stop; how it must end."""
    environment = {
        **os.environ, "LANG": "C.UTF-8", "ECLUSA_FINISH_SECONDS": finish_within, "ECLUSA_LEASE_SECONDS": "1",
    }  # fmt: skip
    storage = str(site.folder / "store")
    log = (site.folder / "serve.log").open("ab")

    def start(fault: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                site.product.binary, *command, "--db", site.conninfo, "--storage", storage, "--workers", "1",
            ],
            env={**environment, "ECLUSA_FAULT": fault},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )  # fmt: skip

    with held(site.folder / "gate", point, start) as process:
        wait_until(site, LISTENS)
        process.terminate()
        wait_until(site, f"SELECT NOT ({LISTENS})")
        site.wait_for_renewals()
        yield process
    assert process.wait(timeout=PATIENCE) == ends_with, site.log()


def story(site: Site) -> str:
    events = site.rows(
        "SELECT concat_ws(' ', event, phase, to_state, attempt, detail) FROM eclusa.job_events ORDER BY id"
    )
    return "\n".join(event for (event,) in events) + "\n" + site.log()


def ends(site: Site) -> list[tuple[str, ...]]:
    return site.rows("SELECT state, attempt, inserted FROM eclusa.jobs ORDER BY id")


def check_loaded_once(site: Site) -> None:
    assert site.value("SELECT count(*) || ' ' || sum(id) FROM people") == "100 5050", story(site)
    assert site.value("SELECT count(*) FROM eclusa.ledger") == "1", story(site)
    for table in ("queue", "running", "workers"):
        assert site.value(f"SELECT count(*) FROM eclusa.{table}") == "0", story(site)
    assert database.leftovers(site.sql) == []


def check_the_next_ends_it(site: Site, status: str) -> None:
    with site.serving("--workers", "1", environment={"ECLUSA_LEASE_SECONDS": "1"}) as url:
        ended = Client(url, site.token()).wait({"links": {"self": status}})
    assert (ended["state"], ended["attempt"], ended["successes"]) == ("SUCCEEDED", 2, 100), story(site)
    check_loaded_once(site)


@commands
@pytest.mark.parametrize("point", ["worker.claimed", "stage.reading", "load.staged", "final.merged"])
def test_it_finishes_what_it_has_begun(site: Site, command: Sequence[str], point: str) -> None:
    register(site, TEXT)
    with told_to_stop(site, command, point, ENOUGH):
        assert site.value("SELECT finished_at IS NULL FROM eclusa.jobs") == "t"
    assert ends(site) == [("SUCCEEDED", "1", "100")], story(site)
    check_loaded_once(site)


@commands
def test_it_begins_nothing_new(site: Site, command: Sequence[str]) -> None:
    register(site, TEXT, "id,name\n101,late\n")
    with told_to_stop(site, command, "stage.reading", ENOUGH):
        pass
    assert ends(site) == [("SUCCEEDED", "1", "100"), ("QUEUED", "0", "null")], story(site)
    assert site.value("SELECT count(*) FROM eclusa.queue") == "1"


@commands
@pytest.mark.parametrize("point", ["worker.claimed", "stage.reading", "load.staged"])
def test_without_time_to_finish_it_gives_the_job_back(site: Site, command: Sequence[str], point: str) -> None:
    status = register(site, TEXT)
    with told_to_stop(site, command, point, "0"):
        pass
    assert site.rows("SELECT state, attempt FROM eclusa.jobs") == [("QUEUED", "1")], story(site)
    assert site.value("SELECT count(*) FROM people") == "0"
    check_the_next_ends_it(site, status)


@commands
def test_told_twice_it_ends_at_once_and_another_goes_on(site: Site, command: Sequence[str]) -> None:
    status = register(site, TEXT)
    with told_to_stop(site, command, "load.staged", ENOUGH, ends_with=130) as process:
        process.terminate()
        process.wait(timeout=PATIENCE)
    assert site.value("SELECT finished_at IS NULL FROM eclusa.jobs") == "t", story(site)
    check_the_next_ends_it(site, status)


def test_what_is_written_is_not_given_back(site: Site) -> None:
    register(site, TEXT)
    with told_to_stop(site, ["worker"], "load.committed", "0"):
        assert site.value("SELECT count(*) FROM people") == "100"
    assert ends(site) == [("SUCCEEDED", "1", "100")], story(site)
    check_loaded_once(site)
