"""Loads of URLs of somebody else's: read where they are registered for the tenant, and nowhere else."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import duckdb
import pytest

from tests.api import file_server
from tests.api.conftest import PEOPLE_PATH, Client, Site
from tests.api.file_server import Asked, FileServer
from tests.api.test_bad_days import problem

BULK = f"{PEOPLE_PATH}/_bulk"
TEXT = b"id,name\n1,ana\n2,rui\n"


@pytest.fixture()
def files() -> Iterator[FileServer]:
    with file_server.running() as server:
        server.files["/in/people.csv"] = TEXT
        yield server


def registered(*places: str) -> dict[str, str]:
    return {"ECLUSA_URLS_REGISTERED": ",".join(places)}


@pytest.fixture()
def client(site: Site, files: FileServer) -> Iterator[Client]:
    """Speaks for tenant 47, which may read what is under /in/."""
    places = registered(f"47 {files.url('/in/')} private", f"48 {files.url('/other/')} private")
    with site.serving(environment=places) as url:
        yield Client(url, site.token("submit", "--tenant", "47"))


def refused(client: Client, url: str) -> tuple[int, str]:
    return problem(client.ask("PUT", BULK, {"tenant": 47, "url": url}))


# --- what is read ---


def test_a_file_is_read_where_it_is(site: Site, client: Client, files: FileServer) -> None:
    ended = client.wait(client.register(files.url("/in/people.csv?signature=secret")))
    assert (ended["state"], ended["successes"]) == ("SUCCEEDED", 2)
    assert ended["files"][0]["path"] == files.url("/in/people.csv")
    assert site.value("SELECT count(*) FROM people WHERE tenant = 47") == "2"
    assert "secret" not in site.log()


def test_a_tenant_is_not_named_where_there_is_one(site: Site, client: Client, files: FileServer) -> None:
    files.files["/in/with_tenant.csv"] = b"id,name\n1,ana\n"
    answer = client.ask("PUT", BULK, {"url": files.url("/in/with_tenant.csv"), "tenant": "47"})
    assert client.wait(answer.json)["state"] == "SUCCEEDED"
    other = client.ask("PUT", BULK, {"url": files.url("/in/with_tenant.csv"), "tenant": "48"})
    assert problem(other) == (403, "api.tenant_not_allowed")


def test_parquet_and_compressed_text_are_read_in_ranges(site: Site, client: Client, files: FileServer) -> None:
    path = site.folder / "people.parquet"
    duckdb.execute(
        f"COPY (SELECT i::int AS id, 'name ' || i AS name FROM range(50000) r(i)) TO '{path}'"
        " (FORMAT parquet, ROW_GROUP_SIZE 10000)"
    )
    files.files["/in/people.parquet"] = path.read_bytes()
    ended = client.wait(client.register(files.url("/in/people.parquet")))
    assert (ended["state"], ended["total"]) == ("SUCCEEDED", 50000)
    lines = b"".join(b"%d,name %d\n" % (n, n) for n in range(50000, 60000))
    files.files["/in/people.csv.gz"] = gzip.compress(b"id,name\n" + lines)
    ended = client.wait(client.register(files.url("/in/people.csv.gz")))
    assert (ended["state"], ended["total"]) == ("SUCCEEDED", 10000)
    assert site.value("SELECT count(*) FROM people") == "60000"


def test_urls_and_uploads_beside_each_other(site: Site, client: Client, files: FileServer) -> None:
    files.special["/in/signed.csv"] = lambda asked: asked.serve(
        b"id,name\n3,eva\n" if asked.path.endswith("?a") else b"id,name\n4,leo\n"
    )
    urls = [files.url("/in/signed.csv?a"), client.upload(TEXT), files.url("/in/signed.csv?b")]
    answer = client.ask("PUT", BULK, {"tenant": 47, "urls": urls})
    assert answer.status == 202, answer.describe()
    ended = client.wait(answer.json)
    assert (ended["state"], ended["successes"]) == ("SUCCEEDED", 4)
    name = files.url("/in/signed.csv")
    assert [file["path"] for file in ended["files"]][::2] == [name, name + "#2"]
    assert site.value("SELECT string_agg(name, ' ' ORDER BY id) FROM people") == "ana rui eva leo"


def test_what_failed_is_handed_in_by_url(site: Site, client: Client, files: FileServer) -> None:
    files.files["/in/bad.csv"] = b"id,name\n1,ana\nx,rui\n"
    ended = client.wait(client.register(files.url("/in/bad.csv")))
    assert (ended["successes"], ended["failures"]) == (1, 1)
    failed = client.ask("GET", ended["links"]["failures"], headers={"Accept": "text/csv"}).body
    files.files["/in/fixed.csv"] = failed.replace(b"\nx,", b"\n2,")
    again = client.ask("POST", ended["links"]["resubmit"], {"url": files.url("/in/fixed.csv")})
    assert client.wait(again.json)["state"] == "SUCCEEDED"
    again = client.ask("POST", ended["links"]["resubmit"], {"url": files.url("/secret.csv")})
    assert problem(again) == (422, "api.url_not_registered")


# --- what is not asked for ---


def test_nothing_is_registered_unless_somebody_did(site: Site, files: FileServer) -> None:
    with site.serving() as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        assert refused(client, files.url("/in/people.csv")) == (422, "api.url_not_registered")
    assert files.asked == []


def test_other_places_and_other_tenants_places(client: Client, files: FileServer) -> None:
    files.files["/other/people.csv"] = files.files["/secret.csv"] = TEXT
    for url in (
        files.url("/other/people.csv"),
        files.url("/secret.csv"),
        files.url("/in"),
        files.url("/in/people.csv", "localhost"),
        files.url("/in/people.csv").replace("http:", "https:"),
        "http://127.0.0.1/in/people.csv",
    ):
        assert refused(client, url) == (422, "api.url_not_registered"), url
    for url in (
        files.url("/in/../secret.csv"),
        files.url("/in/%2e%2e/secret.csv"),
        files.url("/in/..%2fsecret.csv"),
        files.url("/in/..;/secret.csv"),
        files.url("/in/..\\secret.csv"),
        files.url("/in/%252e%252e/secret.csv"),
        files.url("/in/a b"),
        "nothing",
    ):
        assert refused(client, url) == (422, "http.url_malformed"), url
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/in/people.csv", "s3://in/people.csv"):
        assert refused(client, url) == (422, "http.url_scheme"), url
    for host in ("user:secret@127.0.0.1", "token@127.0.0.1"):
        answer = client.ask("PUT", BULK, {"tenant": 47, "url": files.url("/in/people.csv", host)})
        assert problem(answer) == (422, "http.url_credentials") and b"secret" not in answer.body
        assert answer.json["errors"][0]["pointer"] == "/url"
    assert files.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1",
        "[fd00::1]", "[fe80::1]", "0.0.0.0", "localhost",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_need_a_word(site: Site, files: FileServer, host: str) -> None:
    with site.serving(environment=registered(f"47 {files.url('/in/', host)}")) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        assert refused(client, files.url("/in/people.csv", host)) == (422, "http.address_refused")
    assert files.asked == []


def test_redirects_lead_to_registered_places_only(site: Site, files: FileServer) -> None:
    to = ""

    def redirect(asked: Asked) -> None:
        asked.answer(302, Location=to)

    files.special["/in/start"] = redirect
    files.files["/secret.csv"] = files.files["/other/people.csv"] = files.files["/public/people.csv"] = TEXT
    places = registered(
        f"47 {files.url('/in/')} private",
        f"48 {files.url('/other/')} private",
        f"47 {files.url('/public/', 'localhost')}",
    )
    with site.serving(environment=places) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        for to, code in (
            ("/secret.csv", "api.url_not_registered"),
            ("../secret.csv", "api.url_not_registered"),
            ("/other/people.csv", "api.url_not_registered"),
            ("http://169.254.169.254/latest/meta-data/", "api.url_not_registered"),
            (files.url("/public/people.csv", "localhost"), "http.address_refused"),
            ("file:///etc/passwd", "http.url_scheme"),
            (files.url("/in/people.csv", "user:word@127.0.0.1"), "http.url_credentials"),
            ("/in/start", "http.too_many_redirects"),
        ):
            assert refused(client, files.url("/in/start")) == (422, code), to
        assert set(files.asked) == {"/in/start"}
        to = "people.csv"
        assert client.wait(client.register(files.url("/in/start")))["state"] == "SUCCEEDED"


# --- servers and files that are not as they should be ---


def test_servers_that_cannot_be_read_from(client: Client, files: FileServer) -> None:
    files.special["/in/whole"] = lambda asked: asked.answer(200, TEXT, ETag='"a"')
    files.special["/in/weak"] = lambda asked: asked.answer(
        206, b"i", ETag='W/"a"', Content_Range=f"bytes 0-0/{len(TEXT)}"
    )
    files.special["/in/forbidden"] = lambda asked: asked.answer(403, b"secret of theirs")
    files.special["/in/busy"] = lambda asked: asked.answer(503)
    files.special["/in/short"] = lambda asked: asked.answer(
        206, b"", ETag='"a"', Content_Range=f"bytes 0-0/{len(TEXT)}", Content_Length="1"
    )
    for path, expected in (
        ("/in/whole", (422, "store.no_ranges")),
        ("/in/weak", (422, "store.no_version")),
        ("/in/forbidden", (422, "store.refused")),
        ("/in/nothing", (422, "store.not_found")),
        ("/in/busy", (503, "store.unavailable")),
        ("/in/short", (503, "http.unreachable")),
    ):
        assert refused(client, files.url(path)) == expected, path
    files.files["/in/wrong.csv"] = b"id,nome\n1,ana\n"
    status, _ = refused(client, files.url("/in/wrong.csv"))
    assert status == 422  # its columns are looked at while the caller waits


def ended_after(site: Site, files: FileServer, places: dict[str, str], meanwhile: object) -> tuple[str, str]:
    """State and error of a load whose file's fate comes between registration and reading."""
    with site.serving("--workers", "0", environment=places) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        job = client.register(files.url("/in/people.csv"))
    assert callable(meanwhile)
    meanwhile()
    with site.serving(environment={**places, "ECLUSA_TRIES_MAX": "1"}) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        ended = client.wait({"links": {"self": "/" + job["links"]["self"].split("/", 3)[3]}})
    assert site.value("SELECT count(*) FROM people") == "0"
    return ended["state"], ended["error"]["code"]


@pytest.mark.parametrize("fate", ["changed", "changed unseen", "gone", "short", "no ranges", "taken back"])
def test_what_becomes_of_a_file_until_it_is_read(site: Site, files: FileServer, fate: str) -> None:
    places = registered(f"47 {files.url('/in/')} private")
    path, other = "/in/people.csv", TEXT.replace(b"ana", b"eva")
    part = {"Content_Range": f"bytes 0-{len(TEXT) - 1}/{len(TEXT)}"}

    def short(asked: Asked) -> None:
        if asked.headers["Range"] == "bytes=0-0":
            return asked.serve(TEXT)
        if "If-Match" in asked.headers:
            part["ETag"] = asked.headers["If-Match"]
        return asked.answer(206, TEXT[:-3], Content_Length=str(len(TEXT)), **part)

    def unconditional(asked: Asked) -> None:
        del asked.headers["If-Match"]
        asked.serve(other)

    meanwhile, expected = {
        "changed": (lambda: files.files.update({path: other}), "store.changed"),
        "changed unseen": (lambda: files.special.update({path: unconditional}), "store.changed"),
        "gone": (lambda: files.files.pop(path), "store.gone"),
        "short": (lambda: files.special.update({path: short}), "http.unreachable"),
        "no ranges": (lambda: files.special.update({path: lambda a: a.answer(200, TEXT)}), "store.no_ranges"),
        "taken back": (lambda: places.update(registered(f"48 {files.url('/in/')} private")), "api.url_not_registered"),
    }[fate]
    assert ended_after(site, files, places, meanwhile) == ("FAILED", expected)


def test_a_line_that_is_no_place_stops_the_server(site: Site) -> None:
    arguments = ["serve", "--db", site.conninfo, "--listen", "127.0.0.1:0", "--storage", str(site.folder / "store")]
    run = site.product.run(arguments, environment=registered("47 files.example"))
    assert run.exit == 1 and "urls.registered" in run.stderr, run.describe()
