"""The same conversation with the files in a bucket: clients send them to the store, workers read them there."""

from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

import duckdb
import pytest

from tests.api.conftest import PEOPLE_PATH, Client, Site
from tests.api.test_conversation import register_parts_again

LARGE = b"id,name\n" + b"".join(b"%d,%s\n" % (n, b"x" * 100) for n in range(60_000))
ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    """What ECLUSA_ variables name a bucket of a server of its own."""
    tell = "; ".join(f'echo "$ECLUSA_TEST_S3{name}"' for name in ("", "_ACCESS", "_SECRET", "_DATA")) + "; read -r end"
    process = subprocess.Popen(
        [str(ROOT / "tools" / "with_s3.sh"), "sh", "-c", tell],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    endpoint, access, secret, folder = (process.stdout.readline().strip() for _ in range(4))
    assert endpoint and access and secret and folder
    pathlib.Path(folder, "files").mkdir()
    yield {
        "ECLUSA_S3_ENDPOINT": endpoint,
        "ECLUSA_S3_BUCKET": "files",
        "ECLUSA_S3_PATH_STYLE": "true",
        "ECLUSA_S3_ACCESS_KEY": access,
        "ECLUSA_S3_SECRET_KEY": secret,
    }
    process.communicate("end\n", timeout=60)


@pytest.fixture()
def client(site: Site, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    with site.serving() as url:
        yield Client(url, site.token())


def test_a_file_goes_to_the_bucket_and_from_there_into_the_table(site: Site, client: Client) -> None:
    text = b"id,name\n1,ana\nx,rui\n"
    where = client.ask("POST", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "file": "p.csv", "size": len(text)}).json
    assert where["upload_url"].startswith(os.environ["ECLUSA_S3_ENDPOINT"])
    ended = client.load(text, mode="upsert")
    assert (ended["successes"], ended["failures"]) == (1, 1)
    failed = client.ask("GET", ended["links"]["failures"], headers={"Accept": "text/csv"}).body.decode()
    again = client.ask("POST", ended["links"]["resubmit"], {"url": client.upload(failed.replace("\nx,", "\n2,"))})
    assert client.wait(again.json)["state"] == "SUCCEEDED"
    assert site.value("SELECT count(*) FROM people") == "2"


def test_parquet_is_read_in_ranges(site: Site, client: Client) -> None:
    path = site.folder / "people.parquet"
    duckdb.execute(
        f"COPY (SELECT i::int AS id, 'name ' || i AS name FROM range(50000) r(i)) TO '{path}'"
        " (FORMAT parquet, ROW_GROUP_SIZE 10000)"
    )
    ended = client.load(path.read_bytes())
    assert (ended["state"], ended["total"]) == ("SUCCEEDED", 50000)


def test_a_file_in_parts(client: Client) -> None:
    digest = hashlib.sha256(LARGE).hexdigest()
    upload_id = client.upload_in_parts(LARGE, 2, sha256=digest)
    ended = client.wait(client.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "upload_id": upload_id}).json)
    assert (ended["state"], ended["total"]) == ("SUCCEEDED", 60_000)


def test_parts_are_joined_once_and_registered_as_often_as_asked(client: Client) -> None:
    register_parts_again(client, client.upload_in_parts(LARGE, 2), 60_000)


def test_another_digest_than_was_claimed_of_parts_loads_nothing(site: Site, client: Client) -> None:
    upload_id = client.upload_in_parts(LARGE, 2, sha256="0" * 64)
    ended = client.wait(client.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "upload_id": upload_id}).json)
    assert (ended["state"], ended["error"]["code"]) == ("FAILED", "store.digest")
    assert site.value("SELECT count(*) FROM people") == "0"


def test_another_object_than_the_registered_one_is_not_read(site: Site, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        sent = client.upload("id,name\n1,ana\n")
        job = client.register(sent)
        assert Client(url).ask("PUT", sent, "id,name\n2,eva\n").status == 200  # its URL is still good
    with site.serving() as url:
        client = Client(url, site.token())
        path = job["links"]["self"].split("/", 3)[3]
        ended = client.wait({"links": {"self": "/" + path}})
    assert (ended["state"], ended["error"]["code"]) == ("FAILED", "store.changed")
    assert site.value("SELECT count(*) FROM people") == "0"
