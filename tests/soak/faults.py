"""Faults, drawn one after the other; what they must not do is tolerated by nobody but the product."""

from __future__ import annotations

import collections
import random
import time
from collections.abc import Callable

from tests.soak.processes import Process, Site

# Between two faults; short enough that several fall into the same load.
PAUSE_BETWEEN = (0.2, 4.0)
# A worker that stands still: mostly longer than its lease of a second.
STANDS_STILL = (0.5, 4.0)
SERVER_GONE = (0.0, 2.5)
# A fault waits for a job to be in some worker's hands, but no longer than this.
WORK_SECONDS = 2.0


class Faults:
    """Call turn() again and again; heal() at the end."""

    def __init__(self, site: Site, draw: random.Random) -> None:
        self.site = site
        self.draw = draw
        self.done: collections.Counter[str] = collections.Counter()
        self.violations: list[str] = []
        self._due = 0.0
        self._resume_at: dict[str, float] = {}
        self._kinds: dict[str, tuple[int, Callable[[], None]]] = {
            "worker_killed": (5, self._kill_worker),
            "worker_paused": (6, self._pause_worker),
            "worker_stopped": (3, self._stop_worker),
            "postgres_stopped": (2, self._stop_postgres),
            "session_ended": (8, self._end_session),
            "api_restarted": (2, self._restart_api),
        }

    def turn(self) -> None:
        now = time.monotonic()
        for worker in self.site.workers:
            if worker.paused and now >= self._resume_at[worker.name]:
                worker.resume()
        self._start_what_ended()
        if now < self._due:
            return
        names, weights = list(self._kinds), [weight for weight, _ in self._kinds.values()]
        kind = self.draw.choices(names, weights)[0]
        self._wait_for_work()
        self._kinds[kind][1]()
        self.done[kind] += 1
        self._due = time.monotonic() + self.draw.uniform(*PAUSE_BETWEEN)

    def heal(self) -> None:
        for worker in self.site.workers:
            worker.resume()
        self._start_what_ended()

    def _start_what_ended(self) -> None:
        for process in self.site.processes:
            if process.ended_by_itself():
                self.violations.append(f"{process.name} ended by itself with {process.popen.returncode}")
                process.start()

    def _wait_for_work(self) -> None:
        end = time.monotonic() + WORK_SECONDS
        with self.site.connect() as session:
            while time.monotonic() < end:
                if session.execute("SELECT EXISTS (SELECT FROM eclusa.running)").fetchone() == (True,):
                    return
                time.sleep(0.01)

    def _worker(self) -> Process:
        """Not the first, which lives through it all."""
        return self.draw.choice(self.site.workers[1:])

    def _kill_worker(self) -> None:
        worker = self._worker()
        worker.kill()
        worker.start()

    def _pause_worker(self) -> None:
        worker = self.draw.choice(self.site.workers)
        worker.pause()
        self._resume_at[worker.name] = time.monotonic() + self.draw.uniform(*STANDS_STILL)

    def _stop_worker(self) -> None:
        worker = self._worker()
        self._note(worker.stop())
        worker.start()

    def _restart_api(self) -> None:
        api = self.site.apis[1]
        if self.draw.random() < 0.5:
            api.kill()
        else:
            self._note(api.stop())
        api.start()

    def _stop_postgres(self) -> None:
        self.site.server.stop_at_once()
        time.sleep(self.draw.uniform(*SERVER_GONE))
        self.site.server.start()

    def _end_session(self) -> None:
        self.site.terminate_a_session(self.draw)

    def _note(self, wrong: str) -> None:
        if wrong:
            self.violations.append(wrong)
