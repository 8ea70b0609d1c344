"""serve and worker as a service manager has them: told when they are ready, set up by an .env file's names."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket
import subprocess
from collections.abc import Iterator, Mapping

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests import database
from tests.e2e.conftest import held
from tests.product import Eclusa

SECRET = "it's a \\ secret"
COMMANDS = (("serve", "--listen", "127.0.0.1:0", "--workers", "0"), ("worker",))


@pytest.fixture()
def variables(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with database.scratch_database("service") as conninfo:
        parts = conninfo_to_dict(conninfo)
        yield {
            "DB_NAME": str(parts["dbname"]), "DB_USER": str(parts["user"]), "DB_HOST": str(parts["host"]),
            "DB_PASS": SECRET,
        }  # fmt: skip


def environment(tmp_path: pathlib.Path, variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ECLUSA_DB", "DB_"))}
    return {**kept, "LANG": "C.UTF-8", "ECLUSA_STORAGE_FOLDER": str(tmp_path / "files"), **variables}


@contextlib.contextmanager
def running(
    command: tuple[str, ...], env: dict[str, str], manager: socket.socket
) -> Iterator[subprocess.Popen[bytes]]:
    """Once it has said that it is ready; it must end well when it is told to."""
    process = subprocess.Popen(
        [Eclusa("").binary, *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        assert manager.recv(100) == b"READY=1"
        yield process
    finally:
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert SECRET.encode() not in said


@pytest.mark.parametrize("command", COMMANDS, ids=("serve", "worker"))
def test_it_says_when_it_is_ready(command: tuple[str, ...], variables: dict[str, str], tmp_path: pathlib.Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        env = environment(tmp_path, {**variables, "NOTIFY_SOCKET": str(tmp_path / "notify")})
        with running(command, env, manager) as process:
            # Ready means that the database is up to date.
            with database.connect(f"host={variables['DB_HOST']} user={variables['DB_USER']} dbname={variables['DB_NAME']}") as sql:
                assert database.text_rows(sql, "SELECT count(*) > 0 FROM eclusa.migrations") == [("t",)]
            arguments = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert SECRET.encode() not in arguments
        assert manager.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("command", COMMANDS, ids=("serve", "worker"))
@pytest.mark.parametrize("missing", ("DB_NAME", "DB_USER", "DB_PASS", "DB_HOST"))
def test_a_missing_variable_is_named(
    command: tuple[str, ...], missing: str, variables: dict[str, str], tmp_path: pathlib.Path
) -> None:
    del variables[missing]
    run = subprocess.run(
        [Eclusa("").binary, *command], env=environment(tmp_path, variables), capture_output=True, text=True, timeout=30
    )
    assert run.returncode == 1
    assert f"eclusa: {missing} must be set beside " in run.stderr and "[config.variables_missing]" in run.stderr
    assert SECRET not in run.stderr + run.stdout


def test_the_password_is_shown_nowhere(variables: dict[str, str], tmp_path: pathlib.Path) -> None:
    env = environment(tmp_path, variables)
    for form in ((), ("--json",)):
        run = subprocess.run(
            [Eclusa("").binary, "config", "show", *form], env=env, capture_output=True, text=True, check=True
        )
        assert "secret" not in run.stdout.split("settings.md")[0].replace("s3.secret_key", "")
    shown = json.loads(run.stdout)["database"]
    assert shown["value"].endswith("password=***") and shown["from"] == "environment"


def test_tokens_are_made_where_the_server_looks(variables: dict[str, str], tmp_path: pathlib.Path) -> None:
    run = subprocess.run(
        [Eclusa("").binary, "token", "create", "--name", "test"],
        env=environment(tmp_path, variables), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert run.stdout.startswith("ecl_"), run.stderr


def test_workers_that_start_at_once_have_one_key(variables: dict[str, str], tmp_path: pathlib.Path) -> None:
    """One is held while it makes the key; another one that starts meanwhile must not find half of it."""
    env = environment(tmp_path, variables)

    def worker(fault: str = "") -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [Eclusa("").binary, "worker"],
            env={**env, "ECLUSA_FAULT": fault} if fault else env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    started = []
    try:
        with held(tmp_path / "gate", "store.key_written", worker) as first:
            started.append(first)
            started.append(worker())
            said = first_lines(started[1])
            assert "working: " in said, said
        assert "working: " in first_lines(first)
    finally:
        for process in started:
            process.terminate()
            process.communicate(timeout=30)
    assert [path.name for path in (tmp_path / "files").glob("signing.key*")] == ["signing.key"]
    assert (tmp_path / "files" / "signing.key").stat().st_size == 64


def first_lines(process: subprocess.Popen[bytes]) -> str:
    """Until it works, or has ended."""
    assert process.stdout
    said = ""
    while "working: " not in said and (line := process.stdout.readline()):
        said += line.decode()
    return said
