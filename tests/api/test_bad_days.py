"""Bad days of the API: each is answered by the right problem document, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator

import pytest

from tests import database
from tests.api.conftest import PATIENCE, PEOPLE_PATH, Answer, Client, Site
from tests.e2e.test_worker_kill import Server
from tests.e2e.test_worker_kill import server as server  # a fixture: one that may be stopped

ENOSPC = pathlib.Path(__file__).parents[1] / "e2e" / "preload" / "full_disk.c"
BULK = f"{PEOPLE_PATH}/_bulk"
TEXT = "id,name\n1,ana\n2,rui\n"
NOWHERE = "01a21c8f-e698-70cc-86ef-e7d3ce48550f"


def problem(answer: Answer) -> tuple[int, str]:
    """Status and code, of a problem document that is whole and says nothing of the inside."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.describe()
    document = answer.json
    assert document["status"] == answer.status and document["trace_id"] and document["detail"]
    assert "SELECT" not in answer.body.decode() and "/store/" not in answer.body.decode()
    return answer.status, document["code"]


class Gate:
    """Holds the server's worker at a point until it is opened."""

    def __init__(self, folder: pathlib.Path, point: str) -> None:
        self.path, self.reached = folder / "gate", folder / "gate.reached"
        os.mkfifo(self.path)
        os.mkfifo(self.reached)
        self.fault = f"{point}:hold {self.path}"
        self.pipe = os.open(self.path, os.O_RDWR)

    def wait(self) -> None:
        with self.reached.open("rb") as pipe:
            assert pipe.read()

    def open(self) -> None:
        os.write(self.pipe, b"go\n")


@pytest.fixture()
def gate_at(tmp_path: pathlib.Path) -> Iterator[Callable[[str], Gate]]:
    gates: list[Gate] = []

    def make(point: str) -> Gate:
        gates.append(Gate(tmp_path, point))
        return gates[-1]

    yield make
    for gate in gates:
        os.close(gate.pipe)


def test_the_disk_is_full_while_a_file_comes(site: Site, tmp_path: pathlib.Path) -> None:
    library, flag = tmp_path / "full_disk.so", tmp_path / "full"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(ENOSPC), "-ldl"], check=True)
    environment = {
        "LD_PRELOAD": str(library), "FULL_DISK_FLAG": str(flag), "FULL_DISK_PART": "/store/objects/",
    }  # fmt: skip
    with site.serving(environment=environment) as url:
        client = Client(url, site.token())
        where = client.ask("POST", BULK, {"tenant": 47, "file": "people.csv"}).json
        flag.touch()
        send = Client(url)
        assert problem(send.ask("PUT", where["upload_url"], TEXT)) == (507, "file.disk_full")
        body = {"tenant": 47, "upload_id": where["id"]}
        assert problem(client.ask("PUT", BULK, body)) == (422, "api.upload_missing")
        flag.unlink()
        assert send.ask("PUT", where["upload_url"], TEXT).status == 200
        job = client.ask("PUT", BULK, body)
        assert job.status == 202 and client.wait(job.json)["state"] == "SUCCEEDED"
    assert site.value("SELECT count(*) FROM people") == "2"


def test_the_database_is_gone_for_a_while(
    server: Server, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, gate_at: Callable[[str], Gate]
) -> None:
    monkeypatch.setenv("ECLUSA_TEST_DB", server.conninfo)
    with database.scratch_database("api_gone") as conninfo:
        site = Site(conninfo, tmp_path)
        gate = gate_at("stage.reading")
        with site.serving("--workers", "1", fault=gate.fault) as url:
            client = Client(url, site.token())
            running = client.register(client.upload(TEXT))
            waiting = client.register(client.upload(TEXT.replace("1,", "3,").replace("2,", "4,")))
            asked = client.ask("POST", BULK, {"tenant": 47, "file": "people.csv"}).json
            gate.wait()
            site.sql.close()
            server.stop_at_once()
            try:
                body = {"tenant": 47, "upload_id": asked["id"]}
                for answer in (
                    client.ask("GET", running["links"]["self"]),
                    client.ask("POST", BULK, {"tenant": 47, "file": "people.csv"}),
                    client.ask("PUT", BULK, body, {"Idempotency-Key": "gone"}),
                    client.ask("POST", waiting["links"]["cancel"]),
                    client.ask("GET", "/health/ready"),
                    client.ask("GET", "/metrics"),
                ):
                    assert problem(answer)[0] == 503 and int(answer.headers["Retry-After"]) > 0
                assert client.ask("GET", "/health/live").status == 200
                # A file needs no database: its URL is its right.
                assert Client(url).ask("PUT", asked["upload_url"], "id,name\n5,eva\n").status == 200
                gate.open()
            finally:
                server.start()
            # What was told to come again does, and is done once.
            again = client.ask("PUT", BULK, body, {"Idempotency-Key": "gone"})
            assert again.status == 202, again.describe()
            for job in (running, waiting, again.json):
                assert client.wait(job)["state"] == "SUCCEEDED"
        site.sql = database.connect(conninfo)
        assert site.rows("SELECT id::text FROM people ORDER BY id") == [(str(n),) for n in range(1, 6)]
        assert site.value("SELECT count(*) FROM eclusa.jobs") == "3"
        assert database.leftovers(site.sql) == []
        site.sql.close()


def lose_all(store: pathlib.Path, client: Client, upload: str) -> None:
    shutil.rmtree(store / "objects")


def lose_one(store: pathlib.Path, client: Client, upload: str) -> None:
    name = urllib.parse.urlsplit(upload).path.rsplit("/", 1)[1]
    found = [path for path in (store / "objects").rglob("*") if path.is_file() and name in str(path)]
    assert len(found) == 1
    found[0].unlink()


def replace_one(store: pathlib.Path, client: Client, upload: str) -> None:
    assert client.ask("PUT", upload, "id,name\n9,another\n").status == 200


@pytest.mark.parametrize(
    ("happens", "codes"),
    [
        (lose_all, {"store.gone"}),
        (lose_one, {"store.gone"}),
        (replace_one, {"store.changed"}),
    ],
)
def test_a_file_is_lost_between_registration_and_reading(
    site: Site, tmp_path: pathlib.Path, happens: Callable[..., None], codes: set[str]
) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        upload = client.upload(TEXT)
        job = client.register(upload)
        happens(tmp_path / "store", Client(url), upload)
    with site.serving() as url:
        client = Client(url, client.token)
        path = urllib.parse.urlsplit(job["links"]["self"]).path
        ended = client.wait({"links": {"self": path}})
        assert ended["state"] == "FAILED" and ended["error"]["code"] in codes, ended["error"]
        assert ended["error"]["hint"]
        assert client.load(TEXT)["state"] == "SUCCEEDED"  # sent again, it is loaded
    assert site.value("SELECT count(*) FROM people") == "2"


def test_the_storage_is_gone_while_the_server_runs(site: Site, tmp_path: pathlib.Path) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        where = client.ask("POST", BULK, {"tenant": 47, "file": "people.csv"}).json
        (tmp_path / "store").rename(tmp_path / "elsewhere")
        lost = Client(url).ask("PUT", where["upload_url"], TEXT)
        assert problem(lost) == (503, "file.no_folder") and lost.headers["Retry-After"]
        body = {"tenant": 47, "upload_id": where["id"]}
        away = client.ask("PUT", BULK, body)
        assert problem(away) == (503, "store.unavailable") and away.headers["Retry-After"]
        assert client.ask("GET", BULK).json["items"] == []
        (tmp_path / "elsewhere").rename(tmp_path / "store")
        assert Client(url).ask("PUT", where["upload_url"], TEXT).status == 200
        assert client.ask("PUT", BULK, body).status == 202


def test_a_load_waits_for_the_storage_to_come_back(
    site: Site, tmp_path: pathlib.Path, gate_at: Callable[[str], Gate]
) -> None:
    gate = gate_at("worker.claimed")
    with site.serving("--workers", "1", fault=gate.fault) as url:
        client = Client(url, site.token())
        job = client.register(client.upload(TEXT))
        gate.wait()
        (tmp_path / "store").rename(tmp_path / "elsewhere")
        gate.open()
        end = time.monotonic() + PATIENCE
        while "store.unavailable" not in site.log():
            assert time.monotonic() < end, site.log()
            database.execute(site.sql, "SELECT pg_sleep(0.05)")
        (tmp_path / "elsewhere").rename(tmp_path / "store")
        ended = client.wait(job)
        assert (ended["state"], ended["successes"]) == ("SUCCEEDED", 2) and ended["attempt"] > 1
    assert database.leftovers(site.sql) == []


def raw(url: str, *pieces: bytes) -> bytes:
    """Sends bytes as they are; what came until the server closed."""
    parts = urllib.parse.urlsplit(url)
    got = b""
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):  # refused before all of it was sent
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while more := connection.recv(65536):
                got += more
    return got


def test_an_upload_is_shorter_or_longer_than_it_was_announced(site: Site, client: Client) -> None:
    asked = {"tenant": 47, "file": "people.csv", "size": len(TEXT)}
    where = client.ask("POST", BULK, asked).json
    send = Client(client.url)
    assert problem(send.ask("PUT", where["upload_url"], TEXT[:-1])) == (422, "store.upload_length")
    assert problem(send.ask("PUT", where["upload_url"], TEXT + "3,x\n"))[1] in (
        "store.upload_length", "store.too_large",
    )  # fmt: skip
    target = where["upload_url"].removeprefix(client.url)
    line = f"PUT {target} HTTP/1.1\r\nHost: h\r\n".encode()
    # The connection ends before what Content-Length promised; chunks go on behind it.
    raw(client.url, line + f"Content-Length: {len(TEXT)}\r\n\r\n".encode() + TEXT[:-5].encode())
    body = {"tenant": 47, "upload_id": where["id"]}
    assert problem(client.ask("PUT", BULK, body)) == (422, "api.upload_missing")
    chunk = f"{len(TEXT):x}\r\n{TEXT}\r\n".encode()
    long = raw(client.url, line + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 2 + b"0\r\n\r\n")
    assert long.startswith((b"HTTP/1.1 413", b"HTTP/1.1 422")), long
    assert problem(client.ask("PUT", BULK, body)) == (422, "api.upload_missing")
    assert send.ask("PUT", where["upload_url"], TEXT).status == 200
    assert client.wait(client.ask("PUT", BULK, body).json)["state"] == "SUCCEEDED"


def test_a_body_that_never_ends_is_cut_off(client: Client) -> None:
    """A JSON body of chunks without an end is refused at the first byte too many."""
    head = f"POST {BULK} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert raw(client.url, head, *([chunk] * 64)).startswith(b"HTTP/1.1 413 ")


def test_a_head_of_a_megabyte_is_refused(client: Client) -> None:
    head = f"GET {BULK} HTTP/1.1\r\nHost: h\r\nX: ".encode()
    assert raw(client.url, head, b"x" * (1 << 20), b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")


def test_a_smuggled_request_is_not_answered(site: Site, client: Client) -> None:
    inner = f"POST {BULK} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {client.token}\r\n".encode()
    inner += b'Content-Length: 29\r\n\r\n{"tenant": 47, "file": "a.c"}'
    outer = f"POST {BULK} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(inner) + 5}\r\n".encode()
    answers = raw(client.url, outer + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner)
    assert answers.startswith(b"HTTP/1.1 400 ") and answers.count(b"HTTP/1.1 ") == 1
    assert b"http.body_length" in answers
    assert site.value("SELECT count(*) FROM eclusa.uploads") == "0"


@pytest.mark.parametrize("call", ["", "/failures", "/cancel", "/resubmit", "/waive"])
def test_an_unknown_id_is_not_found(client: Client, call: str) -> None:
    method = "GET" if call in ("", "/failures") else "POST"
    bodies = {"/resubmit": {"upload_id": NOWHERE}, "/waive": {"code": "a.b", "reason": "x"}}
    for name in (NOWHERE, "1", "no-uuid", "%00", "0" * 300):
        answer = client.ask(method, f"{BULK}/status/{name}{call}", bodies.get(call))
        expected = (400, "http.path_refused") if name == "%00" else (404, "api.no_job")
        assert problem(answer) == expected


@pytest.mark.parametrize("point", ["worker.claimed", "stage.reading", "load.staged"])
def test_cancelling_a_load_that_is_under_way(site: Site, gate_at: Callable[[str], Gate], point: str) -> None:
    gate = gate_at(point)
    with site.serving("--workers", "1", fault=gate.fault) as url:
        client = Client(url, site.token())
        job = client.register(client.upload(TEXT))
        gate.wait()
        asked = client.ask("POST", job["links"]["cancel"])
        assert (asked.status, asked.json["state"]) == (202, "CANCELING"), asked.describe()
        assert client.ask("POST", job["links"]["cancel"]).status == 202
        site.wait_for_renewals()  # the worker knows
        gate.open()
        ended = client.wait(job)
        assert ended["state"] == "CANCELED", ended
        assert client.ask("POST", job["links"]["cancel"]).status == 200
        assert client.load(TEXT)["state"] == "SUCCEEDED"
    assert site.value("SELECT count(*) FROM people") == "2"


def test_cancelling_a_load_that_is_written_comes_too_late(
    site: Site, gate_at: Callable[[str], Gate]
) -> None:
    """Once its rows are written it ends as they say: never half of it."""
    gate = gate_at("final.before_commit")
    with site.serving("--workers", "1", fault=gate.fault) as url:
        client = Client(url, site.token())
        job = client.register(client.upload(TEXT))
        gate.wait()
        assert client.ask("POST", job["links"]["cancel"]).json["state"] == "CANCELING"
        site.wait_for_renewals()
        gate.open()
        ended = client.wait(job)
        assert (ended["state"], ended["successes"]) == ("SUCCEEDED", 2), ended
    assert site.value("SELECT count(*) FROM people") == "2"


def test_cancelling_a_load_that_has_ended_changes_nothing(client: Client) -> None:
    ended = client.load("id,name\n1,ana\nx,rui\n")
    asked = client.ask("POST", ended["links"]["cancel"])
    assert (asked.status, asked.json["state"]) == (200, "SUCCEEDED_WITH_FAILURES")


def test_what_cannot_be_served_or_read_is_refused(client: Client) -> None:
    ended = client.load("id,name\n1,ana\nx,rui\n")
    html = {"Accept": "text/html"}
    for path in (BULK, ended["links"]["self"], ended["links"]["failures"], "/v1/datasets", "/health/live"):
        assert problem(client.ask("GET", path, headers=html)) == (406, "api.not_acceptable")
    for accept in ("*/*", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON"):
        assert client.ask("GET", BULK, headers={"Accept": accept}).status == 200
    picked = client.ask("GET", ended["links"]["failures"], headers={"Accept": "text/csv;q=0.2, application/jsonl"})
    assert picked.headers["Content-Type"] == "application/jsonl"
    none = client.ask("GET", ended["links"]["failures"], headers={"Accept": "application/json;q=0, text/html"})
    assert problem(none) == (406, "api.not_acceptable")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = '{"tenant": 47, "file": "p.csv"}'
    assert problem(client.ask("POST", BULK, asked, form)) == (415, "api.media_type")
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert client.ask("POST", BULK, asked, charset).status == 201
    assert client.ask("POST", BULK, asked).status == 201  # says nothing: taken as JSON


def test_a_query_with_a_typing_error_is_no_answer(client: Client) -> None:
    failures = client.load("id,name\nx,ana\n")["links"]["failures"]
    for query in ("cod=a.b", "row=-1", "row=x", "row=99999999999999999999", "part=4294967296", "state=opn",
                  "code=", "row=1&row=2", "page_size=1001"):  # fmt: skip
        assert problem(client.ask("GET", f"{failures}?{query}")) == (422, "api.parameter"), query
    assert problem(client.ask("GET", f"{failures}?cursor=1")) == (422, "api.cursor")
    assert problem(client.ask("GET", f"{failures}?cursor=99999999999.1")) == (422, "api.cursor")


def test_the_failures_of_files_with_columns_of_their_own_are_asked_for_one_by_one(client: Client) -> None:
    urls = [client.upload("id,name\nx,ana\n", "a.csv"), client.upload("name,id\nrui,y\n", "b.csv")]
    answer = client.ask("PUT", BULK, {"tenant": 47, "urls": urls})
    assert answer.status == 202, answer.describe()
    failures = client.wait(answer.json)["links"]["failures"]
    csv = {"Accept": "text/csv"}
    assert problem(client.ask("GET", failures, headers=csv)) == (422, "api.failures_of_files")
    heads = [client.ask("GET", f"{failures}?file={n}", headers=csv).body.split(b"\n")[0] for n in (0, 1)]
    assert heads[0].startswith(b"id,name,") and heads[1].startswith(b"name,id,")
    assert [i["row"] for i in client.ask("GET", f"{failures}?file=1").json["items"]] == [1]


def test_texts_that_the_database_cannot_hold_are_refused(client: Client) -> None:
    nul = client.ask("POST", BULK, {"tenant": 47, "file": "a\0b.csv"})
    assert problem(nul) == (422, "api.field") and nul.json["errors"][0]["pointer"] == "/file"
    key = {"Idempotency-Key": "caf\xe9"}
    assert problem(client.ask("POST", BULK, {"tenant": 47, "file": "a.csv"}, key)) == (400, "api.syntax")
    whole = client.ask("POST", BULK, '{"tenant": 47.0, "file": "a.csv", "size": 5.0}')
    assert whole.status == 201
    assert problem(client.ask("POST", BULK, '{"tenant": 47, "file": "a.csv", "size": 5.5}')) == (422, "api.field")
