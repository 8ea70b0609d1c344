"""POST / and GET /status: one upload, its parts, and the breaches that the contract counts in each."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import database
from tests.api.conftest import PATIENCE, Answer, Client, Site
from tests.api.test_bad_days import Gate, problem
from tests.api.test_bad_days import gate_at as gate_at  # a fixture

EXAMPLE = pathlib.Path(os.environ["ECLUSA_SOURCE"]) / "examples" / "dispatch"
OPEN = {"ECLUSA_API_OPEN": "base_teste 127.0.0.0/8, base_teste_estrita 127.0.0.1"}
ROWS, PER_PART, DIRT = 950, 200, 10
COUNTERS = {
    "invalid_cpf_count", "invalid_date", "invalid_loja_mais_frequente", "invalid_loja_ultima_compra",
    "wrong_columns_count",
}  # fmt: skip


def base(rows: int = ROWS, dirt: int = 0, seed: int = 1) -> bytes:
    make = [sys.executable, str(EXAMPLE / "make_base.py"), str(rows), "--seed", str(seed), "--dirt", str(dirt)]
    return subprocess.run(make, capture_output=True, check=True).stdout


def expected_faults(text: bytes, pads: bool = True) -> list[collections.Counter[str]]:
    """Faults by part, found in the text itself. `pads`: lost zeros are no fault."""
    rows = text.decode().splitlines()[1:]
    parts: list[collections.Counter[str]] = []
    for at, row in enumerate(rows):
        if at % PER_PART == 0:
            parts.append(collections.Counter())
        count = parts[-1]
        count["total_rows"] += 1
        cpf = row[:19].strip()
        digits = "".join(c for c in cpf if c.isdigit())
        if len(row) < 100:
            count["wrong_columns_count"] += 1
            continue
        if len(digits) > 11 or not pads and len(digits) < 11 or not good_cpf(digits.rjust(11, "0")):
            count["invalid_cpf_count"] += 1
        if "2013-02-30" in row:
            count["invalid_date"] += 1
        if row[111:131].strip().endswith("9"):
            count["invalid_loja_mais_frequente"] += 1
    return parts


def good_cpf(digits: str) -> bool:
    for length in (9, 10):
        rest = sum(int(d) * w for d, w in zip(digits, range(length + 1, 1, -1), strict=False)) * 10 % 11 % 10
        if rest != int(digits[length]):
            return False
    return True


class Splitter:
    def __init__(self, site: Site, url: str) -> None:
        self.site = site
        self.url = url
        self.client = Client(url)

    def send(self, text: bytes, field: str = "base_teste", *words: str, token: str = "") -> tuple[int, Any]:
        """As the seed's README does it, with curl."""
        path = self.site.folder / "base_teste.txt"
        path.write_bytes(text)
        forms = [part for word in words for part in ("-F", word)]
        header = ["-H", f"Authorization: Bearer {token}"] if token else []
        sent = subprocess.run(
            ["curl", "-sS", "-w", "\n%{http_code}", *header, *forms, "-F", f"{field}=@{path}", f"{self.url}/"],
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        body, _, status = sent.stdout.rpartition("\n")
        return int(status), json.loads(body)

    def status(self, url: str) -> Answer:
        parts = urllib.parse.urlsplit(url)
        return self.client.ask("GET", f"{parts.path}?{parts.query}")

    def wait(self, url: str) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.status(url)
            assert answer.status == 200, answer.describe()
            if answer.json["status"] != "processing":
                return answer.json
            assert time.monotonic() < end, answer.describe()

    def load(self, text: bytes, field: str = "base_teste", *words: str) -> Any:
        status, accepted = self.send(text, field, f"rows_per_part={PER_PART}", *words)
        assert status == 202, accepted
        return self.wait(accepted["url"])


def counts(document: Any) -> list[collections.Counter[str]]:
    return [collections.Counter(part["message"]) for part in document["success"]]


@pytest.fixture()
def base_site(site: Site) -> Site:
    database.execute(site.sql, (EXAMPLE / "tables.sql").read_text(encoding="utf-8"))
    for name in ("base_teste", "base_teste_estrita"):
        site.publish(name, (EXAMPLE / "contracts" / f"{name}.yaml").read_text(encoding="utf-8"))
    return site


@pytest.fixture()
def splitter(base_site: Site) -> Iterator[Splitter]:
    with base_site.serving(environment=OPEN) as url:
        yield Splitter(base_site, url)


def test_a_file_is_split_and_loaded_and_its_second_upload_changes_nothing(splitter: Splitter) -> None:
    text = base()
    status, accepted = splitter.send(text, "base_teste", f"rows_per_part={PER_PART}")
    assert status == 202 and set(accepted) == {"info", "url", "message_id", "dataset", "expires_at"}
    first = splitter.wait(accepted["url"])
    assert first["message_id"] == accepted["message_id"]
    assert (first["status"], first["total_parts"], first["completed_parts"]) == ("completed", 5, 5)
    assert (first["success_count"], first["failed_count"], first["failed"]) == (5, 0, [])
    assert [part["part"] for part in first["success"]] == [1, 2, 3, 4, 5]
    assert [c["total_rows"] for c in counts(first)] == [200, 200, 200, 200, 150]
    assert [c["total_added"] for c in counts(first)] == [200, 200, 200, 200, 150]
    assert all(set(part["message"]) >= COUNTERS for part in first["success"])
    assert splitter.site.value("SELECT count(*) FROM user_purchase") == str(ROWS)
    again = splitter.load(text)
    assert (again["status"], [c["total_added"] for c in counts(again)]) == ("completed", [0] * 5)
    unchanged = "SELECT unchanged FROM eclusa.jobs ORDER BY id DESC LIMIT 1"
    assert splitter.site.value(unchanged) == str(ROWS)


@pytest.mark.parametrize("field", ["base_teste", "base_teste_estrita"])
def test_breaches_are_counted_by_part_whether_they_are_flagged_or_fail_the_row(splitter: Splitter, field: str) -> None:
    text = base(dirt=DIRT)
    loaded = splitter.load(text, field)
    expected = expected_faults(text, pads=field == "base_teste")
    for part, (found, wanted) in enumerate(zip(counts(loaded), expected, strict=True)):
        assert {name: found[name] for name in COUNTERS | {"total_rows"}} == {
            name: wanted[name] for name in COUNTERS | {"total_rows"}
        }, (part, found, wanted)
    assert sum(sum(part.values()) - part["total_rows"] for part in expected) >= ROWS // DIRT
    failed = int(splitter.site.value("SELECT failed FROM eclusa.jobs"))
    assert sum(c["total_added"] for c in counts(loaded)) == ROWS - failed
    flagged = splitter.site.value("SELECT count(*) FROM user_purchase WHERE NOT cpf_valido")
    assert int(flagged) == (sum(p["invalid_cpf_count"] for p in expected) if field == "base_teste" else 0)


def test_rows_that_change_and_rows_that_do_not_are_told_by_part(splitter: Splitter) -> None:
    text = base()
    splitter.load(text)
    lines = text.decode().splitlines(keepends=True)
    for row in (0, 1, 250):
        lines[1 + row] = lines[1 + row].replace(" 0 ", " 1 ", 1) if " 0 " in lines[1 + row] else lines[1 + row].replace(" 1 ", " 0 ", 1)
    changed = splitter.load("".join(lines).encode())
    assert [c["total_added"] for c in counts(changed)] == [2, 1, 0, 0, 0]


def test_rows_that_the_judge_fails_are_counted_in_their_part(base_site: Site) -> None:
    database.execute(base_site.sql, "ALTER TABLE user_purchase ADD CHECK (cpf <> '00000000000')")
    lines = base().decode().splitlines(keepends=True)
    cpf = lines[1 + 450][:14].replace(".", "").replace("-", "")
    database.execute(base_site.sql, f"ALTER TABLE user_purchase ADD CONSTRAINT barred CHECK (cpf <> '{cpf}')")
    with base_site.serving(environment=OPEN) as url:
        loaded = Splitter(base_site, url).load("".join(lines).encode())
    assert base_site.value("SELECT failed FROM eclusa.jobs") == "1"
    assert [c["total_added"] for c in counts(loaded)] == [200, 200, 199, 200, 150]
    found = [c["invalid_cpf_count"] for c in counts(loaded)]
    cnpjs = [p["invalid_cpf_count"] for p in expected_faults("".join(lines).encode())]
    assert [a - b for a, b in zip(found, cnpjs, strict=True)] == [0, 0, 1, 0, 0]


def test_nothing_is_completed_before_the_commit(base_site: Site, gate_at: Callable[[str], Gate]) -> None:
    gate = gate_at("final.merged")
    quick = {**OPEN, "ECLUSA_LEASE_SECONDS": "3"}
    with base_site.serving("--workers", "1", environment=quick, fault=gate.fault) as url:
        splitter = Splitter(base_site, url)
        _, accepted = splitter.send(base(), "base_teste", f"rows_per_part={PER_PART}")
        gate.wait()
        held = splitter.status(accepted["url"])
        assert (held.json["status"], held.json["success_count"]) == ("processing", 5)
        assert held.headers["Retry-After"] == "1"
        assert all(part["message"]["total_added"] is None for part in held.json["success"])
        token = base_site.token()
        load = Client(url, token).ask("GET", f"/v1/loads/{accepted['message_id']}").json
        assert Client(url, token).ask("POST", load["links"]["cancel"]).status == 202
        base_site.wait_for_renewals()
        gate.open()
        ended = splitter.wait(accepted["url"])
    assert (ended["status"], ended["success_count"], ended["failed_count"]) == ("failed", 0, 5)
    assert ended["error"] and ended["failed"][0]["message"]["error"] == ended["error"]
    assert base_site.value("SELECT count(*) FROM user_purchase") == "0"


def test_an_unknown_load_is_not_found_and_never_completed(splitter: Splitter) -> None:
    for message_id in ("520204c2-8a6f-44a6-bd26-42fe2b19515e", "x"):
        assert problem(splitter.status(f"/status?message_id={message_id}")) == (404, "api.no_job")
    assert problem(splitter.status("/status?message_id=")) == (422, "api.parameter")


def test_what_is_not_opened_asks_for_a_token(base_site: Site) -> None:
    token = base_site.token("submit", "--dataset", "base_teste")
    with base_site.serving(environment={"ECLUSA_API_OPEN": "base_teste 10.0.0.0/8"}) as url:
        splitter = Splitter(base_site, url)
        status, refused = splitter.send(base())
        assert (status, refused["code"]) == (401, "api.unauthorized")
        status, refused = splitter.send(base(), "base_teste_estrita", token=token)
        assert (status, refused["code"]) == (404, "api.no_dataset")
        status, accepted = splitter.send(base(), token=token)
        assert status == 202
        good = accepted["url"]
        assert splitter.wait(good)["status"] == "completed"
        for altered in (good[:-1] + ("0" if good[-1] != "0" else "1"), good.split("&")[0], good.replace("expires=1", "expires=2")):
            assert splitter.status(altered).status == 401, altered
        # The signature is for looking at this load alone.
        parts = urllib.parse.urlsplit(good)
        assert splitter.client.ask("GET", f"/v1/loads/{accepted['message_id']}?{parts.query}").status == 401


def test_an_open_network_sees_its_datasets_alone(base_site: Site) -> None:
    with base_site.serving(environment={"ECLUSA_API_OPEN": "base_teste 127.0.0.1"}) as url:
        splitter = Splitter(base_site, url)
        status, refused = splitter.send(base(), "base_teste_estrita")
        assert (status, refused["code"]) == (404, "api.no_dataset")
        other = splitter.send(base(), "base_teste_estrita", token=base_site.token())[1]["message_id"]
        assert splitter.status(f"/status?message_id={other}").status == 404
        own = splitter.send(base())[1]["message_id"]
        assert splitter.status(f"/status?message_id={own}").status == 200
        assert splitter.client.ask("GET", f"/v1/loads/{own}").status == 401
    assert base_site.value("SELECT count(DISTINCT actor) FROM eclusa.audit WHERE actor = 'network:127.0.0.1'") == "1"


def test_a_small_file_is_one_part(splitter: Splitter) -> None:
    status, accepted = splitter.send(base(30))
    assert status == 202
    loaded = splitter.wait(accepted["url"])
    assert (loaded["total_parts"], counts(loaded)[0]["total_rows"], counts(loaded)[0]["total_added"]) == (1, 30, 30)


def test_a_file_that_is_none_is_refused(splitter: Splitter) -> None:
    for text, words in ((base(3), ("mode=none",)), (base(3), ("no_such=1",))):
        status, refused = splitter.send(text, "base_teste", *words)
        assert status in (400, 422), (status, refused)
        assert refused["code"]
    assert splitter.site.value("SELECT count(*) FROM eclusa.jobs") == "0"
