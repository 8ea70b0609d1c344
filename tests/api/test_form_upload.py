"""POST .../_bulk/upload: a file and the words of its load in one form."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import pathlib
import subprocess
import threading
import urllib.parse

import pytest

from tests.api.conftest import PEOPLE_CONTRACT, PEOPLE_PATH, Answer, Client, Site
from tests.api.test_bad_days import problem
from tests.api.test_s3 import bucket as bucket  # a fixture: a bucket of a server of its own

UPLOAD = f"{PEOPLE_PATH}/_bulk/upload"
TEXT = b"id,name\n1,ana\n2,rui\n"
Part = tuple[str, str | None, bytes]


def field(name: str, text: str | bytes) -> Part:
    return name, None, text if isinstance(text, bytes) else text.encode()


def file(content: bytes = TEXT, name: str = "people.csv") -> Part:
    return "file", name, content


def form(*parts: Part, end: bytes = b"--B--\r\n") -> bytes:
    body = b""
    for name, file_name, content in parts:
        head = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name is not None else "")
        body += f"--B\r\nContent-Disposition: {head}\r\n\r\n".encode() + content + b"\r\n"
    return body + end


def send(client: Client, body: bytes, content_type: str = "multipart/form-data; boundary=B", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.ask("POST", UPLOAD, body, {"Content-Type": content_type, **sent})


def objects(site: Site) -> list[pathlib.Path]:
    return [path for path in (site.folder / "store").rglob("*") if path.is_file() and path.name != "signing.key"]


def test_curl_sends_a_file_and_its_words(site: Site, client: Client) -> None:
    (site.folder / "people.csv").write_bytes(TEXT)
    sent = subprocess.run(
        [
            "curl", "-sS", "-H", f"Authorization: Bearer {client.token}", "-F", "tenant=47", "-F", "mode=upsert",
            "-F", "dry_run=false", "-F", f"file=@{site.folder}/people.csv", "-w", "\n%{http_code} %header{location}",
            client.url + UPLOAD,
        ],  # fmt: skip
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    status, _, location = sent.stdout.splitlines()[-1].partition(" ")
    assert status == "202", sent.stdout
    ended = client.wait({"links": {"self": urllib.parse.urlsplit(location).path}})
    assert (ended["state"], ended["successes"], ended["mode"]) == ("SUCCEEDED", 2, "upsert")
    assert ended["files"][0]["path"].endswith("/people.csv")
    assert site.value("SELECT count(*) FROM people WHERE tenant = 47") == "2"


def test_words_are_those_of_a_registration(site: Site, client: Client) -> None:
    words = [
        field("tenant", "47"), field("max_failures", "1%"), field("priority", "7"), field("duplicates", "first"),
        field("rows_per_part", "1000"), field("min_rows", "0"), field("size", str(len(TEXT))),
        field("sha256", hashlib.sha256(TEXT).hexdigest()), field("dry_run", "true"),
    ]  # fmt: skip
    answer = send(client, form(*words, file()))
    assert answer.status == 202, answer.describe()
    ended = client.wait(answer.json)
    assert (ended["state"], ended["dry_run"], ended["total"]) == ("SUCCEEDED", True, 2)
    assert site.value("SELECT count(*) FROM people") == "0"
    filters = [field("tenant", "47"), field("mode", "replace"), field("filter", "id=1"), field("filter", "name=ana")]
    answer = send(client, form(*filters, file(b"id,name\n1,ana\n")))
    assert answer.status == 202 and client.wait(answer.json)["state"] == "SUCCEEDED", answer.describe()
    for wrong, expected in (
        (field("mode", "upset"), (422, "usage.flag")),
        (field("dry_run", "yes"), (422, "api.field")),
        (field("priority", "101"), (422, "api.field")),
        (field("min_rows", "many"), (422, "api.field")),
        (field("colour", "red"), (422, "api.unknown_field")),
        (field("url", "http://127.0.0.1/"), (422, "api.unknown_field")),
        (field("tenant", "47"), (422, "api.field")),
        (field("mode", b"\xff"), (400, "api.multipart")),
        (field("mode", b"up\0sert"), (422, "api.field")),
        (field("mode", b"x" * 70_000), (400, "api.multipart")),
        (field("size", "3"), (413, "store.too_large")),
        (field("size", "300"), (422, "store.upload_length")),
        (field("sha256", "0" * 64), (422, "store.digest")),
        (field("sha256", "abc"), (422, "store.upload_claims")),
    ):
        status, code = problem(send(client, form(field("tenant", "47"), wrong, file())))
        assert (status, code) == expected, wrong
    jobs = site.value("SELECT count(*) FROM eclusa.jobs")
    assert jobs == "2"


def test_who_may(site: Site, client: Client) -> None:
    body = form(field("tenant", "47"), file())
    assert problem(send(Client(client.url), body)) == (401, "api.unauthorized")
    assert problem(send(Client(client.url, site.token("read")), body)) == (403, "api.role")
    assert problem(send(client, form(field("tenant", "48"), file()))) == (403, "api.tenant_not_allowed")
    other = Client(client.url, site.token("submit", "--dataset", "others"))
    assert problem(send(other, body)) == (404, "api.no_dataset")
    assert objects(site) == []
    assert site.value("SELECT count(*) FROM eclusa.uploads") == "0"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (form(field("tenant", "47"), file()), "multipart/form-data"),
        (form(field("tenant", "47"), file()), "text/csv"),
        (form(field("tenant", "47"), file()), "multipart/form-data; boundary=other"),
        (form(field("tenant", "47"), file(), file()), ""),
        (form(field("tenant", "47"), file(), field("mode", "upsert")), ""),
        (form(field("tenant", "47")), ""),
        (form(), ""),
        (b"", ""),
        (form(field("tenant", "47"), file(), end=b""), ""),
        (form(field("tenant", "47"), file(), end=b"--B"), ""),
        (form(field("tenant", "47"), file())[:-20], ""),
        (form(field("tenant", "47"), file()) + b"more", ""),
        (b"--B\r\nContent-Disposition: form-data; name=a; x=" + b"x" * (1 << 20) + form(file()), ""),
        (b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + form(file()), ""),
        (form(*[field(f"f{n}", "") for n in range(65)], file()), ""),
    ],
)  # fmt: skip
def test_what_is_no_form_leaves_nothing(site: Site, client: Client, body: bytes, content_type: str) -> None:
    answer = send(client, body, content_type or "multipart/form-data; boundary=B")
    assert problem(answer) == (400, "api.multipart")
    assert objects(site) == []
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "0"


def test_a_file_of_another_name_or_before_its_words(site: Site, client: Client) -> None:
    assert problem(send(client, form(field("tenant", "47"), ("data", "people.csv", TEXT))))[1] == "api.field"
    assert problem(send(client, form(file(), field("tenant", "47"))))[0] in (400, 422)
    # What a registration would refuse is refused, and the file is not kept.
    wrong = form(field("tenant", "47"), file(b"id,nome\n1,ana\n"))
    assert problem(send(client, wrong))[0] == 422
    assert objects(site) == []


def test_a_body_that_is_cut_off(site: Site, client: Client) -> None:
    body = form(field("tenant", "47"), file(TEXT * 50_000))
    parts = urllib.parse.urlsplit(client.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest("POST", UPLOAD)
        for name, value in {
            "Authorization": f"Bearer {client.token}",
            "Content-Type": "multipart/form-data; boundary=B",
            "Content-Length": str(len(body)),
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[: len(body) // 2])
    assert send(client, form(field("tenant", "47"), file())).status == 202
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"


def test_the_same_form_again_is_the_same_load(site: Site, client: Client) -> None:
    body = form(field("tenant", "47"), file())
    first = send(client, body, Idempotency_Key="k1")
    assert first.status == 202 and client.wait(first.json)["state"] == "SUCCEEDED"
    again = send(client, body, Idempotency_Key="k1")
    assert again.status == 202 and again.json["id"] == first.json["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    for other in (form(field("tenant", "47"), file(TEXT + b"3,eva\n")), form(field("tenant", "47"), field("mode", "insert"), file())):
        assert problem(send(client, other, Idempotency_Key="k1")) == (422, "api.key_reused")
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"
    assert len(objects(site)) == 1  # of the first alone


def test_a_file_that_is_larger_than_may_be(site: Site) -> None:
    with site.serving(environment={"ECLUSA_UPLOADS_MAX_BYTES": "1000"}) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        answer = send(client, form(field("tenant", "47"), file(TEXT * 100)))
        assert problem(answer) == (413, "store.too_large")
        assert send(client, form(field("tenant", "47"), file(TEXT * 1))).status == 202
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"


def test_a_dataset_has_a_limit_of_its_own(site: Site) -> None:
    anchor = "      - {property: eclusa.path"
    word = "      - {property: eclusa.maxFileBytes, value: 20}\n"
    site.publish("people", PEOPLE_CONTRACT.replace(anchor, word + anchor))
    with site.serving() as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        assert problem(send(client, form(field("tenant", "47"), file(TEXT + b"3")))) == (413, "store.too_large")
        assert send(client, form(field("tenant", "47"), file())).status == 202


def memory(site: Site) -> int:
    """Most KiB that the server ever had."""
    pid = subprocess.run(["pgrep", "-f", f"serve --db .* --storage {site.folder}"], capture_output=True, text=True, check=True)
    status = pathlib.Path(f"/proc/{pid.stdout.split()[0]}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def test_a_file_is_not_kept_in_memory(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        assert send(client, form(field("tenant", "47"), file())).status == 202
        before = memory(site)
        body = form(field("tenant", "47"), file(b"id,name\n" + b"1,some name of some length\n" * 4_000_000))
        threads = [threading.Thread(target=send, args=(client, body)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert site.value("SELECT count(*) FROM eclusa.jobs") == "3"
        assert memory(site) - before < 100 << 10  # 200 MiB were sent


def test_into_a_bucket(site: Site, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    with site.serving() as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        answer = send(client, form(field("tenant", "47"), field("size", str(len(TEXT))), file()))
        assert answer.status == 202, answer.describe()
        assert client.wait(answer.json)["state"] == "SUCCEEDED"
        short = form(field("tenant", "47"), field("sha256", "0" * 64), file())
        assert problem(send(client, short)) == (422, "store.digest")
    assert [path for path in objects(site) if "exports" in str(path)] == []
    assert site.value("SELECT count(*) FROM people") == "2"
