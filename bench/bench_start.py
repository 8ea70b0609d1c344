"""The private PostgreSQL: `eclusa db start`, cold and warm, beside initdb --no-sync and pg_ctl -w start.

Cold makes the data folder and starts the server; warm starts it on a folder that is there. Both sides
run on the same disk as the same user, in turn; the rival has initdb's settings, ours its own.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness
from harness import BenchError, Goal, Row, Sample

COLD = Goal("start_cold", "eclusa db start / initdb --no-sync + pg_ctl start", 1.5, 1.0)
WARM = Goal("start_warm", "eclusa db start / pg_ctl start, data folder there", 1.5, 1.0)


class Eclusa:
    """A private server in a folder of this bench's."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._data = folder / "eclusa"
        self._program = os.environ.get("ECLUSA_BIN") or str(
            harness.ROOT / "build" / "release" / "eclusa"
        )

    def start(self) -> Sample:
        return harness.timed(self._command("start"))

    def stop(self) -> None:
        subprocess.run(self._command("stop"), check=True, stdout=subprocess.DEVNULL)

    def forget(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)

    def _command(self, what: str) -> list[str]:
        return [self._program, "db", what, "--data-dir", str(self._data)]


class Rival:
    """PostgreSQL's own programs, each told what it needs to be as quick as it can."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._folder = folder / "rival"
        self._folder.mkdir()
        self._data = self._folder / "data"
        if harness.is_root():
            shutil.chown(self._folder, "postgres", "postgres")

    def init(self) -> Sample:
        return self._run(
            "initdb", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust",
            "--username=bench", f"--pgdata={self._data}",
        )  # fmt: skip

    def start(self) -> Sample:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}'"
        log = self._folder / "log"
        return self._run(
            "pg_ctl", "start", "-w", "-s", "-D", str(self._data), "-l", str(log), "-o", options
        )

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", str(self._data))

    def forget(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> Sample:
        command = [str(self._programs / program), *arguments]
        if harness.is_root():
            user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
            command = ["setpriv", *user, "--", *command]
        return harness.timed(command)


def measure(rounds: int) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {
        name: [] for name in ("eclusa cold", "rival cold", "eclusa warm", "rival warm")
    }
    with tempfile.TemporaryDirectory(prefix="eclusa-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        eclusa, rival = Eclusa(folder), Rival(folder)
        for _ in range(rounds):
            for kind in ("cold", "warm"):
                # A server's first fsync waits for whatever else the disk was given before.
                os.sync()
                samples[f"eclusa {kind}"].append(eclusa.start())
                eclusa.stop()
                os.sync()
                made = rival.init().seconds if kind == "cold" else 0.0
                samples[f"rival {kind}"].append(Sample(made + rival.start().seconds))
                rival.stop()
            eclusa.forget()
            rival.forget()
    return samples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    try:
        samples = measure(rounds)
    except (BenchError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    harness.print_samples(samples)
    rows = [
        Row(
            goal,
            harness.median(samples[f"eclusa {kind}"]) / harness.median(samples[f"rival {kind}"]),
        )
        for goal, kind in ((COLD, "cold"), (WARM, "warm"))
    ]
    return harness.finish("start", rows)


if __name__ == "__main__":
    sys.exit(main())
