"""The server is killed in the middle of a request: the client sends the same again, and all is as if nothing had been."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess

import pytest

from tests.api.conftest import PEOPLE_PATH, Client, Site
from tests.e2e import test_kill, test_worker_kill
from tests.product import Eclusa

TEXT = b"id,name\n1,ana\n2,rui\nx,eva\n"
ASK = {"tenant": 47, "file": "people.csv", "size": len(TEXT)}
KEY = "store.key_written"
# Points that requests pass, with what is done before the server is killed at the next of them.
KILLED = [
    ("http.before_handler", "nothing"),
    ("http.before_handler", "asked"),
    ("http.before_handler", "sent"),
    ("http.body_written", "asked"),
    ("http.body_finished", "asked"),
    ("store.written", "asked"),
    ("store.published", "asked"),
]


class Conversation:
    """Ask, send, register; each step once, over whatever server there is."""

    def __init__(self, site: Site) -> None:
        self._token = site.token()
        self._url = ""
        self.job: dict[str, object] = {}

    def ask(self, server: str) -> None:
        if not self._url:
            where = Client(server, self._token).ask("POST", f"{PEOPLE_PATH}/_bulk", ASK)
            assert where.status == 201, where.describe()
            self._url = "/" + where.json["upload_url"].split("/", 3)[3]

    def send(self, server: str) -> None:
        sent = Client(server).ask("PUT", self._url, TEXT)
        assert sent.status == 200, sent.describe()

    def register(self, server: str) -> None:
        client = Client(server, self._token)
        body = {"tenant": 47, "url": server + self._url}
        answer = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body, {"Idempotency-Key": "once"})
        assert answer.status == 202, answer.describe()
        self.job = client.wait({"links": {"self": "/" + answer.json["links"]["self"].split("/", 3)[3]}})


@pytest.mark.parametrize(("point", "done"), KILLED)
def test_a_killed_server_loses_nothing_and_does_nothing_twice(site: Site, point: str, done: str) -> None:
    conversation = Conversation(site)
    with site.serving() as server:
        if done != "nothing":
            conversation.ask(server)
        if done == "sent":
            conversation.send(server)
    steps = [conversation.ask, conversation.send, conversation.register]
    with site.serving(fault=f"{point}:kill", ends=-signal.SIGKILL) as server:
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            for step in steps[("nothing", "asked", "sent").index(done) :]:
                step(server)
    with site.serving() as server:
        for step in steps:
            step(server)
        assert (conversation.job["state"], conversation.job["successes"]) == ("SUCCEEDED_WITH_FAILURES", 2)
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"
    assert site.rows("SELECT id::text, name FROM people ORDER BY id") == [("1", "ana"), ("2", "rui")]
    assert site.value("SELECT count(*) FROM eclusa.uploads WHERE registered_at IS NOT NULL") == "1"


def test_killed_while_it_makes_its_key(site: Site) -> None:
    """What signs the upload URLs is made once, whole."""
    killed = subprocess.run(
        [
            site.product.binary, "serve", "--db", site.conninfo, "--listen", "127.0.0.1:0",
            "--storage", str(site.folder / "store"),
        ],
        env={**os.environ, "ECLUSA_FAULT": f"{KEY}:kill"}, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    conversation = Conversation(site)
    with site.serving() as server:
        conversation.ask(server)
    with site.serving() as server:
        conversation.send(server)
        conversation.register(server)
    assert conversation.job["successes"] == 2


def test_no_point_is_left_out() -> None:
    listed = subprocess.run([Eclusa("").binary, "fault-points"], capture_output=True, check=True, text=True)
    of_workers = {point.removeprefix(test_worker_kill.OWN) for point in test_worker_kill.points()}
    of_loads = set(test_kill.points())
    killed = of_workers | of_loads | set(test_worker_kill.HELPING) | {point for point, _ in KILLED} | {KEY}
    assert set(listed.stdout.split()) == killed
