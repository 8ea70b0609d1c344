"""The processes that the soak runs: the product's own, each started again under the same name."""

from __future__ import annotations

import os
import pathlib
import random
import select
import signal
import subprocess
import time
import urllib.parse

import psycopg

from tests import database
from tests.e2e.test_worker_kill import Server
from tests.product import Eclusa

# A process that is not ready, or has not stopped, by then never will.
PATIENCE = 60


class Process:
    """A program that runs until it is told to stop, whose first line says that it is ready."""

    def __init__(self, name: str, folder: pathlib.Path, arguments: list[str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.arguments = arguments
        self.ready = ""
        self.paused = False
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.arguments, stdout=subprocess.PIPE, stderr=log, env={**os.environ, "LANG": "C.UTF-8"}
            )
        assert self.popen.stdout
        if not select.select([self.popen.stdout], [], [], PATIENCE)[0]:
            self.popen.kill()
            raise AssertionError(f"{self.name} is not ready: {self.log.read_text()[-2000:]}")
        self.ready = self.popen.stdout.readline().decode()
        assert self.ready, f"{self.name} did not start: {self.log.read_text()[-2000:]}"
        self.paused = False

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(PATIENCE)

    def pause(self) -> None:
        self.popen.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self) -> None:
        self.popen.send_signal(signal.SIGCONT)
        self.paused = False

    def stop(self) -> str:
        """Tells it to end; what was wrong with that, or nothing."""
        self.resume()
        self.popen.terminate()
        try:
            status = self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"{self.name} did not stop when told to"
        return f"{self.name} stopped with {status}" if status else ""

    def ended_by_itself(self) -> bool:
        return self.popen.poll() is not None

    def resident_kb(self) -> int:
        status = pathlib.Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


class Site:
    """A server, a database, two APIs and three workers on it.

    The first API and the first worker are never ended, so that their memory can be watched.
    """

    def __init__(self, conninfo: str, server: Server, folder: pathlib.Path) -> None:
        self.conninfo = conninfo
        self.server = server
        self.folder = folder
        self.product = Eclusa(conninfo)
        self.store = folder / "store"
        common = ["--db", conninfo, "--storage", str(self.store)]
        binary = str(self.product.binary)
        serve = [binary, "serve", *common, "--workers", "0", "--listen", "127.0.0.1:0"]
        work = [binary, "worker", *common, "--workers", "2", "--lease", "1", "--finish-within", "1"]
        self.apis = [Process(f"api{n}", folder, list(serve)) for n in range(2)]
        for api in self.apis:  # started again it is found where it was
            api.arguments[-1] = urllib.parse.urlsplit(self.url(api)).netloc
        self.workers = [Process(f"worker{n}", folder, work) for n in range(3)]

    @staticmethod
    def url(api: Process) -> str:
        return api.ready.split()[1]

    @property
    def processes(self) -> list[Process]:
        return [*self.apis, *self.workers]

    def lasting(self) -> list[Process]:
        return [self.apis[0], self.workers[0]]

    def connect(self) -> psycopg.Connection:
        """Once the server is there again."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return database.connect(self.conninfo)
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """Of a session of its own: it may be asked while the server is stopped."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with self.connect() as session:
                    return database.text_rows(session, query)
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise

    def value(self, query: str) -> str:
        return self.rows(query)[0][0]

    def terminate_a_session(self, draw: random.Random) -> bool:
        """Of the product's; false: there is none."""
        sessions = self.rows(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'eclusa%'"
            " AND datname = current_database() ORDER BY pid"
        )
        if not sessions:
            return False
        self.rows(f"SELECT pg_terminate_backend({draw.choice(sessions)[0]})")
        return True
