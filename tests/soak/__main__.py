"""Random jobs under random faults, then peace, in which all must end and everything must add up.

    ./x soak [MINUTES] [--seed N]

Phases: a warm-up without faults, after which the memory of what lives through it all is measured; MINUTES
of jobs and faults; the healing, in which no job comes and no fault. Then the checks, and a summary in one
line. The seed repeats files and faults; their moments depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator

from tests import database
from tests.e2e.test_worker_kill import Server
from tests.soak import checks
from tests.soak.dataset import CONTRACTS, TABLES
from tests.soak.faults import Faults
from tests.soak.processes import Site
from tests.soak.traffic import Traffic

WARM_UP_SECONDS = 45
# The sweeper of what lost processes have left comes once a minute.
HEALED_WITHIN_SECONDS = 240
# Until memory that was freed goes back to the system.
SETTLE_SECONDS = 10
GROWTH_MOST = 0.05
GROWTH_JUDGED_MINUTES = 20
TURN_SECONDS = 0.05


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./x soak", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    return parser.parse_args()


def make_site(conninfo: str, server: Server, folder: pathlib.Path) -> tuple[Site, str]:
    with database.connect(conninfo) as session:
        database.execute(session, TABLES)
    site = Site(conninfo, server, folder)
    for name, contract in CONTRACTS.items():
        path = folder / f"{name}.yaml"
        path.write_text(contract, encoding="utf-8")
        run = site.product.run(["contract", "publish", str(path), "--db", conninfo])
        assert run.exit == 0, run.describe()
    token = site.product.run(["token", "create", "--name", "soak", "--role", "submit", "--db", conninfo])
    assert token.exit == 0, token.describe()
    return site, token.stdout.strip()


def resident(site: Site) -> dict[str, int]:
    time.sleep(SETTLE_SECONDS)
    return {process.name: process.resident_kb() for process in site.lasting()}


def warm_up(site: Site, traffic: Traffic) -> dict[str, int]:
    traffic.start()
    time.sleep(WARM_UP_SECONDS)
    traffic.stop()
    wait_until_healed(site)
    traffic.at_once()
    wait_until_healed(site)
    return resident(site)


def wait_until_healed(site: Site) -> float:
    begin = time.monotonic()
    while time.monotonic() < begin + HEALED_WITHIN_SECONDS:
        if checks.unfinished(site) == 0 and not list(checks.leftovers(site)):
            break
        time.sleep(0.5)
    return time.monotonic() - begin


def violations_of(site: Site, traffic: Traffic) -> Iterator[str]:
    count = checks.unfinished(site)
    if count:
        yield f"{count} jobs are not final"
    yield from checks.leftovers(site)
    yield from checks.records(site)
    yield from checks.jobs(site, traffic.files)
    yield from checks.targets(site, traffic.files)
    yield from checks.resubmissions(site, traffic.parents)


def soak(site: Site, token: str, minutes: float, seed: int) -> int:
    traffic = Traffic(site, token, f"{seed} traffic")
    faults = Faults(site, random.Random(f"{seed} faults"))
    before = warm_up(site, traffic)
    print(f"warm: {before} kB; {minutes:g} min of faults", flush=True)
    end = time.monotonic() + 60 * minutes
    traffic.start()
    while time.monotonic() < end:
        faults.turn()
        time.sleep(TURN_SECONDS)
    faults.heal()
    traffic.stop()
    healed_in = wait_until_healed(site)
    violations = [*faults.violations, *traffic.violations, *violations_of(site, traffic)]
    growth = {}
    for name, now in resident(site).items():
        growth[name] = now / before[name] - 1
        # In a short run all that grows is the warming up that is not over yet.
        if growth[name] > GROWTH_MOST and minutes >= GROWTH_JUDGED_MINUTES:
            violations.append(f"{name} has grown from {before[name]} kB to {now} kB")
    violations += [wrong for process in site.processes if (wrong := process.stop())]
    for violation in violations:
        print(f"violation: {violation}")
    states = dict(site.rows("SELECT state, count(*)::text FROM eclusa.jobs GROUP BY 1 ORDER BY 1"))
    print(
        f"soak: seed {seed}; jobs {states}; faults {dict(faults.done)}; acts {dict(traffic.done)};"
        f" tried again {site.value('SELECT count(*)::text FROM eclusa.jobs WHERE attempt > 1')};"
        f" parts staged again {site.value('SELECT count(*)::text FROM eclusa.parts WHERE attempt > 1')};"
        f" rows {site.value('SELECT coalesce(sum(read), 0)::text FROM eclusa.jobs')};"
        f" healed in {healed_in:.0f} s;"
        f" memory {', '.join(f'{name} {share:+.1%}' for name, share in growth.items())};"
        f" violations {len(violations)}"
    )
    return 1 if violations else 0


def main() -> int:
    asked = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended
    print(f"seed {asked.seed}", flush=True)
    server = Server(
        os.environ["ECLUSA_TEST_DB"], os.environ["ECLUSA_TEST_SERVER_DATA"], os.environ["ECLUSA_TEST_BINDIR"]
    )
    folder = pathlib.Path(tempfile.mkdtemp(prefix="eclusa_soak_"))
    site = None
    try:
        with database.scratch_database("soak") as conninfo:
            site, token = make_site(conninfo, server, folder)
            failed = soak(site, token, asked.minutes, asked.seed)
    finally:
        for process in site.processes if site else []:
            process.kill()
        if asked.keep or sys.exc_info()[0]:
            print(f"logs: {folder}")
        else:
            shutil.rmtree(folder)
    return failed


if __name__ == "__main__":
    sys.exit(main())
