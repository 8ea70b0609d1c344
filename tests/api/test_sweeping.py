"""What was uploaded and never registered goes; what a job may read again stays."""

from __future__ import annotations

import os
import pathlib
import time

from tests.api.conftest import PEOPLE_PATH, Client, Site


def objects(site: Site) -> list[pathlib.Path]:
    return [path for path in (site.folder / "store" / "objects").rglob("*") if path.is_file()]


def test_failures_that_are_kept_no_more_are_gone(site: Site, client: Client) -> None:
    ended = client.load("id,name\nx,a\n")
    site.sql.execute("UPDATE eclusa.jobs SET failures_removed_at = now()")
    gone = client.ask("GET", ended["links"]["failures"])
    assert (gone.status, gone.json["code"]) == (410, "api.failures_removed")


def test_uploads_that_were_never_registered_are_swept(site: Site) -> None:
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        client.upload("id,name\n1,ana\n")
        kept = client.upload("id,name\n2,eva\n")
        client.register(kept)
        parts = client.ask("POST", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "file": "p.csv", "parts": 3, "size": 30 << 20})
        assert parts.status == 201, parts.describe()
    assert len(objects(site)) >= 2
    site.sql.execute("UPDATE eclusa.uploads SET expires_at = now() - interval '2 hours'")
    with site.serving():  # its sweeper has a turn at once
        for _ in range(1000):
            if site.value("SELECT count(*) FROM eclusa.uploads") == "1":
                break
            site.sql.execute("SELECT pg_sleep(0.02)")
    assert site.value("SELECT registered_at IS NOT NULL FROM eclusa.uploads") == "t"
    assert len(objects(site)) == 1


def test_parts_that_nobody_knows_are_swept_when_their_urls_are_dead(site: Site) -> None:
    """What a request leaves behind that signed an upload and was not committed."""
    parts = {"tenant": 47, "file": "p.csv", "parts": 3, "size": 30}
    with site.serving("--workers", "0") as url:
        client = Client(url, site.token())
        for _ in range(2):
            assert client.ask("POST", f"{PEOPLE_PATH}/_bulk", parts).status == 201
    site.sql.execute("DELETE FROM eclusa.uploads")
    old, young = sorted(path.parent for path in (site.folder / "store").rglob("object"))
    nine_days_ago = time.time() - 9 * 86400
    os.utime(old / "object", (nine_days_ago, nine_days_ago))
    with site.serving():
        for _ in range(1000):
            if not old.exists():
                break
            site.sql.execute("SELECT pg_sleep(0.02)")
    assert not old.exists() and young.exists()
