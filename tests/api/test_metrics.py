"""GET /metrics: who may read it, that Prometheus can, and that its figures are those of the queue."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from tests import database
from tests.api.conftest import PATIENCE, Client, Site

NO_WORKERS = ("--workers", "0")
# A worker with 4 slots, as it says itself, that nobody takes for gone.
WORKER = "INSERT INTO eclusa.workers (name, slots, lease_until) VALUES ('test', 4, 'infinity')"
# One job that its worker has, with three parts staged, two being staged and six to stage.
RUNNING = """
INSERT INTO eclusa.running (job_id, worker_id, attempt, tenant, tries)
SELECT id, (SELECT max(id) FROM eclusa.workers), 1, tenant, 0 FROM eclusa.jobs ORDER BY id LIMIT 1;
UPDATE eclusa.jobs SET state = 'LOADING', attempt = 1 WHERE id = (SELECT min(id) FROM eclusa.jobs);
DELETE FROM eclusa.queue WHERE job_id = (SELECT min(id) FROM eclusa.jobs);
INSERT INTO eclusa.parts (job_id, part, file, state)
SELECT (SELECT min(id) FROM eclusa.jobs), n, 1,
       CASE WHEN n <= 3 THEN 'STAGED' WHEN n <= 5 THEN 'LOADING' ELSE 'QUEUED' END
FROM generate_series(1, 11) n;
"""


def read(client: Client) -> dict[str, float]:
    """The samples by name, with the state where they have one."""
    answer = client.ask("GET", "/metrics")
    assert answer.status == 200, answer.describe()
    samples: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        assert family.documentation and family.type == "gauge"
        for sample in family.samples:
            name = " ".join([sample.name, *sample.labels.values()])
            assert name not in samples
            samples[name] = sample.value
    return samples


def wait_for(client: Client, condition: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """A page is good for a second."""
    end = time.monotonic() + PATIENCE
    while True:
        samples = read(client)
        if condition(samples):
            return samples
        assert time.monotonic() < end, samples


def test_figures_are_those_of_the_queue(site: Site) -> None:
    with site.serving(*NO_WORKERS) as url:
        client = Client(url, site.token("read"))
        idle = read(client)
        assert {name for name in idle if idle[name] != 0} <= {"eclusa_oldest_snapshot_transactions"}
        owner = Client(url, site.token("submit", "--tenant", "47"))
        for n in range(3):
            owner.register(owner.upload(f"id,name\n{n},a\n"))
        owner.ask("POST", "/erp3/2531/people/_bulk", {"tenant": 47, "file": "x.csv"})
        samples = wait_for(client, lambda s: s["eclusa_uploads_open"] == 1)
        assert (samples["eclusa_jobs QUEUED"], samples["eclusa_jobs_waiting"], samples["eclusa_jobs_ready"]) == (3, 3, 3)
        # No worker tells its slots: one slot a worker, as --workers says 0.
        assert (samples["eclusa_workers"], samples["eclusa_workers_desired"]) == (0, 3)
        later = "UPDATE eclusa.queue SET ready_at = clock_timestamp() + '1 h' WHERE id = (SELECT max(id) FROM eclusa.queue)"
        database.execute(site.sql, later)
        database.execute(site.sql, WORKER)
        database.execute(site.sql, RUNNING)
        samples = wait_for(client, lambda s: s["eclusa_jobs_running"] == 1)
        expected = {
            "eclusa_jobs QUEUED": 2, "eclusa_jobs LOADING": 1, "eclusa_jobs_waiting": 2, "eclusa_jobs_ready": 1,
            "eclusa_parts_ready": 6, "eclusa_parts_loading": 2, "eclusa_workers": 1, "eclusa_worker_slots": 4,
            # Eight parts that are not staged and one job, by four slots.
            "eclusa_slots_wanted": 9, "eclusa_workers_desired": 3,
        }  # fmt: skip
        assert {name: samples[name] for name in expected} == expected
        assert samples["eclusa_queue_oldest_seconds"] > 0


def test_the_number_of_workers_is_bounded_by_the_settings(site: Site) -> None:
    bounds = {"ECLUSA_AUTOSCALING_WORKERS_MIN": "2", "ECLUSA_AUTOSCALING_WORKERS_MAX": "4"}
    with site.serving(*NO_WORKERS, environment={**bounds, "ECLUSA_METRICS_OPEN": "true"}) as url:
        anybody = Client(url)
        assert read(anybody)["eclusa_workers_desired"] == 2
        owner = Client(url, site.token("submit", "--tenant", "47"))
        for n in range(6):
            owner.register(owner.upload(f"id,name\n{n},a\n"))
        samples = wait_for(anybody, lambda s: s["eclusa_slots_wanted"] == 6)
        assert samples["eclusa_workers_desired"] == 4


def test_ended_jobs_are_counted_by_their_end(site: Site) -> None:
    with site.serving() as url:
        owner = Client(url, site.token("submit", "--tenant", "47"))
        owner.load("id,name\n1,ana\n")
        owner.load("id,name\n1,ana\n2,\n")
        samples = wait_for(
            Client(url, site.token("read")), lambda s: s["eclusa_jobs_ended_last_hour SUCCEEDED_WITH_FAILURES"] == 1
        )
        assert samples["eclusa_jobs_ended_last_hour SUCCEEDED"] == 1
        assert samples["eclusa_workers"] == 1 and samples["eclusa_worker_slots"] == 2


def test_many_readers_are_one_question(site: Site) -> None:
    """Within the second that a page is good for, a change is not seen, and no statement is run."""
    with site.serving(*NO_WORKERS) as url:
        client = Client(url, site.token("read"))
        pages = set()
        begin = time.monotonic()
        pages.add(client.ask("GET", "/metrics").body)
        database.execute(site.sql, WORKER)
        again = client.ask("GET", "/metrics").body
        if time.monotonic() - begin < 1:
            assert again in pages
        wait_for(client, lambda s: s["eclusa_workers"] == 1)
