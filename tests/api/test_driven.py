"""schemathesis drives the running server by its own document: every check, every phase, links included.

The document says what form a field has. What it refers to must exist, or every answer is a 404 that tests
nothing: so its copy here is narrowed to a dataset, loads and uploads that are there. Seeded, and bounded in
time.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from collections import Counter
from typing import Any

from tests.api.conftest import PEOPLE_CONTRACT, Client, Site
from tests.api.driven_hooks import FILE

SECONDS = 75
SEED = 20261127
# Where a check cannot hold as it is, by the nature of the call:
# - What is not JSON is refused by its media type (415), what is too large by its size (413), what names a
#   method by 405: refusals all the same.
# - registerLoad, uploadAndLoad, splitAndLoad, resubmitFailures: the words of a load are judged together, by the table, the contract and
#   the file that was sent; a body of the right form may still be refused with 422.
# - uploadAndLoad, splitAndLoad: that the file is the last part (400) is nothing that OpenAPI can write down.
# - ensure_resource_availability: what POST on the path of registerLoad has made is an upload; a 404 for another
#   one that PUT or resubmitFailures names in its body is no lost resource, and the check looks at paths alone.
#   Switching it off for some calls in this file does not hold in stateful runs: so it is left out, and run for
#   all the other calls by driven_hooks.py.
# An Idempotency-Key is another one each time (driven_hooks.py): of two requests of the right form with one
# key the second is refused with 422.
# object_level_authorization compares two users of a file of theirs; test_access.py is that comparison, whole.
CONFIG = """\
hooks = "tests.api.driven_hooks"

[auth.openapi.token]
bearer = "${ECLUSA_TOKEN}"

[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429]

[[operations]]
include-operation-id = "resubmitFailures"
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]

[[operations]]
include-operation-id = "registerLoad"
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]

[[operations]]
include-operation-id = "uploadAndLoad"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 422, 429]

[[operations]]
include-operation-id = "splitAndLoad"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 422, 429]
"""
PATH = "/people"


def narrowed(document: dict[str, Any], uploads: list[dict[str, Any]], loads: list[str]) -> dict[str, Any]:
    """The document with references to what is there."""
    components = document["components"]
    components["parameters"]["dataset"]["schema"] = {"enum": [PATH.removeprefix("/")]}
    components["parameters"]["id"]["schema"] = {"type": "string", "format": "uuid", "enum": loads}
    contract = document["paths"]["/v1/datasets/{name}/contract"]["get"]
    contract["parameters"][0]["schema"] = {"enum": ["people"]}
    ids = {"type": "string", "format": "uuid"}  # what links fill in is not of our list
    urls = {"enum": [upload["upload_url"] for upload in uploads]}
    schemas = components["schemas"]
    for name in ("LoadRequest", "ResubmitRequest"):
        schemas[name]["properties"] |= {"upload_id": ids, "url": urls}
    register = schemas["LoadRequest"]
    for name, one in (("upload_ids", ids), ("urls", urls)):
        register["properties"][name] = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
    register["required"] = ["tenant"]
    schemas["WaiveRequest"]["properties"]["code"] = {"enum": ["type.integer", "value.required"]}
    for name in ("LoadRequest", "UploadRequest"):
        schemas[name]["properties"]["tenant"] = {"enum": [47, "47"]}
        schemas[name]["additionalProperties"] = False
    schemas["LoadForm"]["properties"]["tenant"] = {"enum": ["47"]}
    for claim in ("size", "sha256"):  # of a file that is made up
        del schemas["LoadForm"]["properties"][claim]
    schemas["LoadForm"]["additionalProperties"] = False
    schemas["LoadForm"]["required"] = ["tenant", "file"]
    # The token's own, where it is not said.
    schemas["UploadRequest"]["properties"]["tenant"]["enum"].append(None)
    return document


def prepare(client: Client) -> tuple[list[dict[str, Any]], list[str]]:
    uploads = []
    for name in ("a.csv", "b.csv"):
        uploads.append(client.ask("POST", f"{PATH}/_bulk", {"tenant": 47, "file": name}).json)
        assert Client(client.url).ask("PUT", uploads[-1]["upload_url"], FILE).status == 200
    loads = []
    for upload in uploads:
        job = client.ask("PUT", f"{PATH}/_bulk", {"tenant": 47, "upload_id": upload["id"]}).json
        loads.append(str(client.wait(job)["id"]))
    return uploads, loads


def told(events: pathlib.Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many cases each phase had, how often a link was followed to a good end, how often each check was made."""
    cases, followed, checks = Counter[str](), Counter[str](), Counter[str]()
    for line in events.read_text(encoding="utf-8").splitlines():
        scenario = json.loads(line).get("ScenarioFinished")
        if scenario is None:
            continue
        recorder = scenario["recorder"]
        for name, case in recorder.get("cases", {}).items():
            cases[scenario["phase"]] += 1
            checks.update(check["name"] for check in recorder.get("checks", {}).get(name, []))
            response = recorder["interactions"][name]["response"]
            if case.get("transition") and response and response["status_code"] < 300:
                followed[re.sub(r".*\] (\S+) -> .*", r"\1", case["transition"]["id"])] += 1
    return cases, followed, checks


def test_the_api_is_what_its_document_says(site: Site, tmp_path: pathlib.Path) -> None:
    site.publish("people", PEOPLE_CONTRACT.replace("/erp3/2531/people", PATH))
    with site.serving() as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        uploads, loads = prepare(client)
        document = narrowed(client.ask("GET", "/openapi.json").json, uploads, loads)
        (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
        run = subprocess.run(
            [
                str(pathlib.Path(sys.executable).parent / "schemathesis"),
                "--config-file", str(tmp_path / "schemathesis.toml"),
                "run", str(tmp_path / "openapi.json"), "--url", url,
                "--checks", "all", "--exclude-checks", "ensure_resource_availability",
                "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all",
                "--seed", str(SEED), "--max-time", str(SECONDS), "--max-examples", "30",
                "--generation-database", "none", "--workers", "1", "--no-color", "--continue-on-failure",
                "--report", "json,ndjson", "--report-json-path", str(tmp_path / "report.json"),
                "--report-ndjson-path", str(tmp_path / "events.ndjson"),
            ],  # fmt: skip
            cwd=tmp_path,  # where it keeps what it remembers
            env={
                **os.environ, "ECLUSA_TOKEN": client.token,
                "PYTHONPATH": str(pathlib.Path(__file__).parents[2]),
            },  # fmt: skip
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=4 * SECONDS,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-20000:] + run.stderr[-5000:] + site.log()[-5000:]
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        assert report["complete"] and report["operations"]["tested"] == report["operations"]["total"]
        ran = {name: phase["status"] for name, phase in report["phases"].items()}
        # Of examples the document has none.
        assert ran == {"examples": "skip", "coverage": "success", "fuzzing": "success", "stateful": "success"}
        cases, followed, checks = told(tmp_path / "events.ndjson")
        assert min(cases[phase] for phase in ("coverage", "fuzzing", "stateful")) > 100, cases
        # Which ones, time and chance decide.
        assert followed.total() > 20, followed
        assert checks["what_was_made_is_there"] > 0, checks
        # It did what it is here for: jobs by links, and they all end.
        registered = site.value("SELECT count(*) FROM eclusa.jobs")
        assert int(registered) > len(loads), run.stdout[-5000:]
        assert site.value("SELECT count(*) FROM eclusa.audit WHERE action = 'cancelLoad'") != "0"
