"""The size of one file: the server's limit, and that of the dataset's contract."""

from __future__ import annotations

from tests.api.conftest import PEOPLE_CONTRACT, PEOPLE_PATH, Client, Site
from tests.api.file_server import running
from tests.api.test_bad_days import problem

TEXT = b"id,name\n1,ana\n2,rui\n"


def test_a_dataset_has_a_limit_of_its_own(site: Site) -> None:
    word = "      - {property: eclusa.maxFileBytes, value: 20}\n"
    anchor = "      - {property: eclusa.path"
    site.publish("people", PEOPLE_CONTRACT.replace(anchor, word + anchor))
    with running() as files, site.serving(
        environment={"ECLUSA_URLS_REGISTERED": f"47 {files.url('/')} private"}
    ) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        asked = {"tenant": 47, "file": "people.csv"}
        where = client.ask("POST", f"{PEOPLE_PATH}/_bulk", asked).json
        assert where["max_size"] == 20
        assert problem(Client(url).ask("PUT", where["upload_url"], TEXT + b"3")) == (413, "store.too_large")
        assert Client(url).ask("PUT", where["upload_url"], TEXT).status == 200
        files.files |= {"/exact.csv": TEXT, "/large.csv": TEXT + b"3"}
        large = client.ask("PUT", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "url": files.url("/large.csv")})
        assert problem(large) == (413, "store.too_large")
        assert client.wait(client.register(files.url("/exact.csv")))["state"] == "SUCCEEDED"
        large = client.ask("POST", f"{PEOPLE_PATH}/_bulk", {**asked, "size": 21})
        assert problem(large) == (413, "store.too_large")
    # More than the server's own it cannot be.
    site.publish("people", PEOPLE_CONTRACT.replace(anchor, word.replace("20", "2000000") + anchor))
    with site.serving(environment={"ECLUSA_UPLOADS_MAX_BYTES": "1000"}) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        assert client.ask("POST", f"{PEOPLE_PATH}/_bulk", asked).json["max_size"] == 1000
