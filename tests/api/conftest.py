"""What the API's tests share: a running `eclusa serve`, and a client that speaks HTTP and nothing else."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import subprocess
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from tests import database
from tests.api import document
from tests.product import Eclusa

PEOPLE = "CREATE TABLE people (tenant int, id int, name text NOT NULL, PRIMARY KEY (tenant, id))"
PEOPLE_PATH = "/erp3/2531/people"
PEOPLE_CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:people
name: people
version: 1.0.0
status: active
schema:
  - name: people
    logicalType: object
    physicalName: people
    customProperties:
      - {property: eclusa.path, value: /erp3/2531/people}
      - {property: eclusa.tenantColumns, value: [tenant]}
    properties:
      - {name: id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1, required: true}
      - {name: name, logicalType: string, required: true}
"""
# A job that has not ended by then never will.
PATIENCE = 60


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def describe(self) -> str:
        return f"{self.status} {self.body.decode(errors='replace')[:2000]}"


class Client:
    """Requests with one token, whose answers are held to the OpenAPI document.

    Paths begin at the server's root; whole URLs are taken too.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        parts = urllib.parse.urlsplit(path if "://" in path else self.url + path)
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
        with contextlib.closing(connection):
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            given = Answer(answer.status, answer.headers, answer.read())
        names = {name.lower() for name in given.headers}
        wrong = document.breach(
            method, urllib.parse.unquote(parts.path), given.status, given.headers["Content-Type"] or "", names
        )
        assert not wrong, f"{wrong}\n{given.describe()}"
        return given

    def upload(self, text: str | bytes, name: str = "people.csv", **asked: Any) -> str:
        """Sends a file and gives its URL."""
        asked = {"tenant": 47, "file": name, **asked}
        where = self.ask("POST", f"{PEOPLE_PATH}/_bulk", asked)
        assert where.status == 201, where.describe()
        document = where.json
        sent = Client(self.url).ask("PUT", document["upload_url"], text, document["headers"])
        assert sent.status == 200, sent.describe()
        return str(document["upload_url"])

    def upload_in_parts(self, text: bytes, parts: int, **asked: Any) -> str:
        """Sends a file in parts and gives its upload's id."""
        asked = {"tenant": 47, "file": "people.csv", "size": len(text), "parts": parts, **asked}
        where = self.ask("POST", f"{PEOPLE_PATH}/_bulk", asked)
        assert where.status == 201, where.describe()
        size = where.json["part_size"]
        for number, url in enumerate(where.json["upload_urls"]):
            part = text[number * size : (number + 1) * size]
            sent = Client(self.url).ask("PUT", url, part, where.json["headers"])
            assert sent.status == 200, sent.describe()
        return str(where.json["id"])

    def register(self, url: str, **asked: Any) -> Any:
        answer = self.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "url": url, **asked})
        assert answer.status == 202, answer.describe()
        return answer.json

    def wait(self, job: Any) -> Any:
        """The status document once the job has ended."""
        end = time.monotonic() + PATIENCE
        while True:
            status = self.ask("GET", job["links"]["self"])
            assert status.status == 200, status.describe()
            if status.json["finished_at"]:
                return status.json
            assert time.monotonic() < end, status.describe()

    def load(self, text: str | bytes, **asked: Any) -> Any:
        return self.wait(self.register(self.upload(text), **asked))


class Site:
    """A database with the table and dataset `people`, and what serves it."""

    def __init__(self, conninfo: str, folder: pathlib.Path) -> None:
        self.conninfo = conninfo
        self.folder = folder
        self.product = Eclusa(conninfo)
        self.sql: psycopg.Connection = database.connect(conninfo)
        database.execute(self.sql, PEOPLE)
        self.publish("people", PEOPLE_CONTRACT)

    def run(self, *arguments: str) -> str:
        run = self.product.run([*arguments, "--db", self.conninfo])
        assert run.exit == 0, run.describe()
        return run.stdout.strip()

    def publish(self, name: str, contract: str) -> None:
        path = self.folder / f"{name}.yaml"
        path.write_text(contract, encoding="utf-8")
        self.run("contract", "publish", str(path))

    def token(self, role: str = "submit", *flags: str) -> str:
        return self.run("token", "create", "--name", f"test {role}", "--role", role, *flags)

    def log(self) -> str:
        """What `eclusa serve` said, without its requests."""
        lines = (self.folder / "serve.log").read_text(encoding="utf-8").splitlines()
        return "\n".join(line for line in lines if '"request"' not in line)

    def value(self, query: str) -> str:
        return database.text_rows(self.sql, query)[0][0]

    def rows(self, query: str) -> list[tuple[str, ...]]:
        return database.text_rows(self.sql, query)

    def wait_for_renewals(self) -> None:
        """Of the lease of the one worker: three, so that one has begun after now and been acted upon."""
        end = time.monotonic() + PATIENCE
        for _ in range(3):
            before = self.value("SELECT max(lease_until)::text FROM eclusa.workers")
            while self.value("SELECT max(lease_until)::text FROM eclusa.workers") == before:
                assert time.monotonic() < end, self.log()
                database.execute(self.sql, "SELECT pg_sleep(0.05)")

    @contextlib.contextmanager
    def serving(
        self, *flags: str, fault: str = "", ends: int = 0, environment: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """`eclusa serve` on a free port; gives its URL. It must stop well when it is told to, or end as said."""
        environment = {**os.environ, "LANG": "C.UTF-8", **(environment or {})}
        if fault:
            environment["ECLUSA_FAULT"] = fault
        log = (self.folder / "serve.log").open("ab")
        process = subprocess.Popen(
            [
                self.product.binary, "serve", "--db", self.conninfo, "--listen", "127.0.0.1:0",
                "--storage", str(self.folder / "store"), *flags,
            ],  # fmt: skip
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("serving "), (self.folder / "serve.log").read_text()
        try:
            yield line.split()[1]
        finally:
            process.terminate()
            ended = process.wait(timeout=30)
        assert ended == ends, (self.folder / "serve.log").read_text()


@pytest.fixture()
def site(tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    name = "api_" + request.node.name[:40].split("[")[0].lower()
    with database.scratch_database(name) as conninfo:
        site = Site(conninfo, tmp_path)
        yield site
        site.sql.close()


@pytest.fixture()
def client(site: Site) -> Iterator[Client]:
    """Speaks for tenant 47, to a server with two workers."""
    with site.serving() as url:
        yield Client(url, site.token("submit", "--tenant", "47"))
