"""What clients do all the while: send files, register them, ask for jobs to stop, hand failures in again.

Whatever breaks while the server or the API is away is asked again, with the same idempotency key.
"""

from __future__ import annotations

import collections
import concurrent.futures
import csv
import dataclasses
import http.client
import io
import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.api.conftest import Answer, Client
from tests.soak.dataset import BAD_AMOUNT, File, draw_file
from tests.soak.processes import Site

# Jobs that have not ended at a time: enough that some wait, few enough that the rest heals soon.
UNFINISHED_MOST = 24
# Clients at a time, where there are more than one.
AT_ONCE = 32
# Between two acts: thousands of jobs in half an hour, whose rows are to be drawn again in the end.
PAUSE_SECONDS = 0.15
# Files that are sent in parts.
IN_PARTS_SHARE = 0.3
PARTS = 3
# An answer that has not come by then never will.
PATIENCE = 120
# The answers that say "come again".
COME_AGAIN = {429, 503}
KEY_IN_USE = "api.key_in_use"  # of a request that broke off here and is still under way there


@dataclasses.dataclass
class Sent:
    file: File
    upload_id: str
    job: Any  # its status document, as it was first


class Traffic:
    """One client of its own thread."""

    def __init__(self, site: Site, token: str, seed: str) -> None:
        self.site = site
        self.token = token
        self.seed = seed
        self.draw = random.Random(seed)
        self._apis = itertools.cycle(site.apis)
        self.files: dict[str, File] = {}
        self.parents: dict[str, str] = {}  # of what was handed in again: the uid of the job
        self.done: collections.Counter[str] = collections.Counter()
        self.violations: list[str] = []
        self._sent: list[Sent] = []
        self._number = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def at_once(self) -> None:
        """The dearest requests from many clients: each thread of the APIs comes to the memory that it keeps."""

        def one(sent: Sent) -> None:
            for _ in range(4):
                self._register(sent.file, sent.upload_id)
                self._ask("GET", sent.job["links"]["failures"], headers={"Accept": "text/csv"})

        dearest = sorted(self._sent, key=lambda sent: sent.file.row_count * sent.file.bad_share)[-AT_ONCE:]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, dearest))

    def _run(self) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self._send),
            (3, self._load_by_hand),
            (2, self._send_the_same_again),
            (2, self._cancel),
            (2, self._hand_in_again),
        ]
        while not self._stop.is_set():
            act = self.draw.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
            try:
                self._stop.wait(self.draw.uniform(0, PAUSE_SECONDS))
                self._wait_for_room()
                act()
                self.done[act.__name__.strip("_")] += 1
            except Exception as wrong:  # what a client sees and cannot explain
                self.violations.append(f"{act.__name__}: {wrong!r}")

    def _wait_for_room(self) -> None:
        query = "SELECT count(*) FROM eclusa.jobs WHERE finished_at IS NULL"
        while not self._stop.is_set() and int(self.site.value(query)) >= UNFINISHED_MOST:
            self._stop.wait(0.1)

    def _ask(self, method: str, path: str, body: Any = None, headers: Any = None) -> Answer:
        """Of one of the APIs, until it answers."""
        end = time.monotonic() + PATIENCE
        while True:
            url = self.site.url(next(self._apis))
            try:
                answer = Client(url, self.token).ask(method, path, body, headers)
                last = answer.describe()
                if answer.status not in COME_AGAIN and KEY_IN_USE not in last:
                    return answer
            except (OSError, http.client.HTTPException) as gone:
                last = repr(gone)
            assert time.monotonic() < end, f"{method} {path}: {last}"
            time.sleep(0.1)

    # --- acts ---

    def _new_file(self) -> File:
        self._number += 1
        file = draw_file(random.Random(f"{self.seed} {self._number}"), self._number)
        self.files[file.name] = file
        return file

    def _upload(self, file: File, content: bytes) -> str:
        body = {"tenant": file.tenant, "file": file.name, "size": len(content)}
        if self.draw.random() < IN_PARTS_SHARE:
            body["parts"] = PARTS
        end = time.monotonic() + PATIENCE
        while True:
            where = self._ask("POST", f"/soak/{file.table}/_bulk", body)
            assert where.status == 201, where.describe()
            try:
                size = where.json["part_size"] or len(content)
                for number, url in enumerate(where.json["upload_urls"]):
                    part = content[number * size : (number + 1) * size]
                    sent = Client("").ask("PUT", url, part, where.json["headers"])
                    last = sent.describe()
                    if sent.status != 200:
                        break
                else:
                    return str(where.json["id"])
            except (OSError, http.client.HTTPException) as gone:
                last = repr(gone)
            assert time.monotonic() < end, last

    def _send(self) -> None:
        file = self._new_file()
        self._register(file, self._upload(file, file.content()))

    def _send_the_same_again(self) -> None:
        if not self._sent:
            return
        before = self.draw.choice(self._sent)
        self._register(before.file, before.upload_id)

    def _register(self, file: File, upload_id: str) -> None:
        body = {"tenant": file.tenant, "upload_id": upload_id, "mode": file.mode}
        if file.max_failures:
            body["max_failures"] = file.max_failures
        if file.rows_per_part:
            body["rows_per_part"] = file.rows_per_part
        key = {"Idempotency-Key": f"{self.draw.random()}"}
        job = self._ask("PUT", f"/soak/{file.table}/_bulk", body, key)
        assert job.status == 202, job.describe()
        self._sent.append(Sent(file, upload_id, job.json))

    def _load_by_hand(self) -> None:
        file = self._new_file()
        path = self.site.folder / file.name
        path.write_bytes(file.content())
        contract = self.site.folder / f"{file.table}.yaml"
        arguments = ["load", str(path), "--queue", "--to", file.table, "--contract", str(contract)]
        arguments += ["--mode", file.mode, "--tenant", f"tenant={file.tenant}"]
        arguments += ["--max-failures", file.max_failures] if file.max_failures else []
        arguments += ["--rows-per-part", str(file.rows_per_part)] if file.rows_per_part else []
        # Not asked again: whether a job was made before the server went is not known.
        self.site.product.run([*arguments, "--json"])

    def _cancel(self) -> None:
        if not self._sent:
            return
        sent = self.draw.choice(self._sent[-UNFINISHED_MOST:])
        answer = self._ask("POST", sent.job["links"]["cancel"])
        assert answer.status in (200, 202, 409), answer.describe()

    def _hand_in_again(self) -> None:
        """The failures of a job, fixed."""
        known = self.parents.values()
        ready = [s for s in self._sent if s.file.table == "people" and s.job["id"] not in known]
        for sent in self.draw.sample(ready, min(5, len(ready))):
            status = self._ask("GET", sent.job["links"]["self"])
            assert status.status == 200, status.describe()
            if status.json["state"] == "SUCCEEDED_WITH_FAILURES" and status.json["open_failures"]:
                return self._fix(sent)

    def _fix(self, sent: Sent) -> None:
        failures = self._ask("GET", sent.job["links"]["failures"], headers={"Accept": "text/csv"})
        assert failures.status == 200, failures.describe()
        found = list(csv.DictReader(io.StringIO(failures.body.decode())))
        for row in found:
            assert row["amount"] == BAD_AMOUNT, row
            row["amount"] = "7"
        text = io.StringIO()
        writer = csv.DictWriter(text, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
        self._number += 1
        rows = [(int(row["id"]), row["name"], row["amount"]) for row in found]
        file = dataclasses.replace(
            sent.file,
            name=f"f{self._number:06}.csv",
            mode="upsert",
            row_count=len(rows),
            given=rows,
            max_failures="",
        )
        self.files[file.name] = file
        self.parents[file.name] = sent.job["id"]
        body = {"upload_id": self._upload(file, text.getvalue().encode())}
        key = {"Idempotency-Key": f"{self.draw.random()}"}
        answer = self._ask("POST", sent.job["links"]["resubmit"], body, key)
        assert answer.status == 202, answer.describe()
