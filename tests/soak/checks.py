"""What must hold when all has healed; each check gives what is wrong, in words."""

from __future__ import annotations

import collections
import pathlib
import re
from collections.abc import Iterator, Mapping

from tests import database
from tests.product import FINAL_STATES, ROOT
from tests.soak.dataset import COLUMNS, File, Model
from tests.soak.processes import Site

LOADED = ("SUCCEEDED", "SUCCEEDED_WITH_FAILURES")
# Why a sound file may fail: it was begun too often, or is an append of what was appended.
MAY_FAIL = {"job.tries_exhausted", "load.appended_before"}
COUNTS = ("read", "inserted", "updated", "unchanged", "deleted", "duplicate", "failed", "removed")
SHOWN_MOST = 5


def unfinished(site: Site) -> int:
    states = ", ".join(f"'{state}'" for state in FINAL_STATES)
    return int(site.value(f"SELECT count(*) FROM eclusa.jobs WHERE state NOT IN ({states})"))


def leftovers(site: Site) -> Iterator[str]:
    with site.connect() as session:
        for table in database.leftovers(session):
            yield f"eclusa_stage.{table} is still there"
    for table in ("queue", "running", "cancel_requests"):
        count = site.value(f"SELECT count(*) FROM eclusa.{table}")
        if count != "0":
            yield f"eclusa.{table} has {count} rows"
    for job, part in site.rows("SELECT job_id::text, part::text FROM eclusa.parts WHERE state = 'LOADING'"):
        yield f"job {job}: part {part} is LOADING"
    for folder in ("partial", "uploads"):
        for path in sorted((site.store / folder).rglob("*")):
            yield f"unfinished upload: {path.relative_to(site.store)}"


def _few(kind: str, query: str, site: Site) -> Iterator[str]:
    """A violation for each row of the query, but no more than can be read."""
    rows = site.rows(query)
    for row in rows[:SHOWN_MOST]:
        yield f"{kind}: {' '.join(row)}"
    if len(rows) > SHOWN_MOST:
        yield f"{kind}: and {len(rows) - SHOWN_MOST} more"


def records(site: Site) -> Iterator[str]:
    """Laws within the database, whatever was loaded."""
    loaded = f"('{LOADED[0]}', '{LOADED[1]}')"
    yield from _few(
        "in the ledger without having succeeded, or the other way round",
        "SELECT coalesce(j.id, l.job_id)::text, coalesce(j.state, 'no job') FROM eclusa.jobs j"
        " FULL JOIN eclusa.ledger l ON l.job_id = j.id"
        f" WHERE (j.state IN {loaded}) IS DISTINCT FROM (l.entry IS NOT NULL)",
        site,
    )
    yield from _few(
        "loaded twice",
        "SELECT job_id::text, count(*)::text FROM eclusa.ledger GROUP BY 1 HAVING count(*) > 1",
        site,
    )
    yield from _few(
        "appended twice",
        "SELECT target_table, file_sha256s::text, string_agg(job_id::text, ' ') FROM eclusa.ledger"
        " WHERE mode = 'append' AND read > 0 GROUP BY 1, 2 HAVING count(*) > 1",
        site,
    )
    yield from _few(
        "counts do not balance, or are not there",
        "SELECT id::text, state FROM eclusa.jobs WHERE finished_at IS NOT NULL AND (read ="
        " inserted + updated + unchanged + deleted + superseded + duplicate + waiting + failed + skipped)"
        " IS NOT TRUE",
        site,
    )
    yield from _few(
        "failures kept are not those counted",
        "SELECT j.id::text, j.state, j.failed::text, count(f.row)::text FROM eclusa.jobs j"
        " LEFT JOIN eclusa.failures f ON f.job_id = j.id WHERE j.finished_at IS NOT NULL"
        " GROUP BY j.id HAVING j.failed <> count(f.row)",
        site,
    )
    yield from _few(
        "files do not add up to their job",
        "SELECT j.id::text, j.state, j.read::text, sum(f.read)::text FROM eclusa.jobs j"
        " JOIN eclusa.files f ON f.job_id = j.id GROUP BY j.id"
        " HAVING (j.read, j.failed) IS DISTINCT FROM (sum(f.read), sum(f.failed))",
        site,
    )
    yield from _transitions(site)


def _transitions(site: Site) -> Iterator[str]:
    """Each event of docs/states.md, and from where the one before it has led."""
    page = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| ([A-Z_]+) \| ([a-z_]+) \| ([A-Z_]+) \|", page, re.MULTILINE))
    at: dict[str, str] = {}
    query = (
        "SELECT job_id::text, event, from_state, to_state FROM eclusa.job_events"
        " WHERE to_state IS NOT NULL ORDER BY job_id, id"
    )
    for job, event, before, after in site.rows(query):
        if event != "enqueue" and ((before, event, after) not in known or at.get(job) != before):
            yield f"job {job}: {event} from {before} to {after}, from {at.get(job)}"
        at[job] = after
    for job, state in site.rows("SELECT id::text, state FROM eclusa.jobs"):
        if at.get(job) != state:
            yield f"job {job} is {state}, its events say {at.get(job)}"


def jobs(site: Site, files: Mapping[str, File]) -> Iterator[str]:
    """Each job against its file."""
    query = (
        "SELECT id::text, state, options->'files'->>0, coalesce(error->>'code', ''), attempt::text,"
        " read::text, failed::text, (read - failed - skipped)::text"
        " FROM eclusa.jobs WHERE finished_at IS NOT NULL ORDER BY jobs.id"
    )
    kept = collections.defaultdict(list)
    for job, row in site.rows("SELECT job_id::text, row::text FROM eclusa.failures"):
        kept[job].append(int(row))
    for job, state, path, code, attempt, read, failed, applied in site.rows(query):
        told = f"job {job} {state} {code} attempt {attempt} read {read} failed {failed} applied {applied}"
        file = files[pathlib.PurePath(path).name]
        bad = file.bad_rows()
        if state == "FAILED" and code not in MAY_FAIL:
            yield f"{told}: a sound file"
        if state in (*LOADED, "REJECTED"):
            if int(read) != file.row_count or sorted(kept[job]) != bad:
                yield f"{told}: the file has {file.row_count} rows, {len(bad)} of them bad"
            if state != "REJECTED" and int(failed) + int(applied) != file.row_count:
                yield f"{told}: failures + applied is not the file"
        elif int(applied) != 0 or not set(kept[job]) <= set(bad) or int(read) > file.row_count:
            yield f"{told}: it was not loaded; the file has {file.row_count} rows, {len(bad)} of them bad"


def targets(site: Site, files: Mapping[str, File]) -> Iterator[str]:
    """The tables against what the accepted files, in the ledger's order, make of them."""
    model = Model()
    query = (
        f"SELECT j.id::text, j.options->'files'->>0, {', '.join(f'l.{name}::text' for name in COUNTS)}"
        " FROM eclusa.ledger l JOIN eclusa.jobs j ON j.id = l.job_id ORDER BY l.entry"
    )
    for job, path, *counts in site.rows(query):
        expected = model.apply(files[pathlib.PurePath(path).name])
        found = {name: int(count) for name, count in zip(COUNTS, counts) if count != "0"}
        wanted = {name: count for name, count in expected.items() if count}
        if found != wanted:
            yield f"job {job}: counts {found}, the model has {wanted}"
    columns = ", ".join(f"{name}::text" for name in ("tenant", *COLUMNS))
    people = {
        (int(t), int(i)): (name, int(amount))
        for t, i, name, amount in site.rows(f"SELECT {columns} FROM people")
    }
    if people != model.people:
        keys = people.keys() | model.people.keys()
        wrong = [key for key in keys if people.get(key) != model.people.get(key)]
        yield f"people: {len(wrong)} rows are not the model's, for example {sorted(wrong)[:SHOWN_MOST]}"
    visits = collections.Counter(
        (int(t), int(i), name, int(amount))
        for t, i, name, amount in site.rows(f"SELECT {columns} FROM visits")
    )
    if visits != model.visits:
        yield f"visits: {visits.total()} rows, the model has {model.visits.total()}"


def resubmissions(site: Site, parents: Mapping[str, str]) -> Iterator[str]:
    """What was handed in again and loaded has closed the failures that it was made from."""
    query = (
        "SELECT c.options->'files'->>0, p.uid::text, p.open_failures::text, c.id::text"
        " FROM eclusa.jobs c JOIN eclusa.jobs p ON p.id = c.parent_id WHERE c.state = 'SUCCEEDED'"
    )
    for path, parent, still_open, job in site.rows(query):
        if parents[pathlib.PurePath(path).name] != parent or still_open != "0":
            yield f"job {job} of {parent}: {still_open} failures are open"
