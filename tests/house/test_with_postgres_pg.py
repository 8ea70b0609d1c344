"""tools/with_postgres.sh leaves nothing behind, however it ends."""

import os
import pathlib
import signal
import subprocess
import time

import psycopg

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "with_postgres.sh"
DEADLINE_SECONDS = 60


def environment(**more):
    """Without the server of this test's own run, so that the script starts one."""
    kept = {name: value for name, value in os.environ.items() if name != "ECLUSA_TEST_DB"}
    return {**kept, **more}


def start():
    """Starts the script with a command that tells where its server is and then waits."""
    script = subprocess.Popen(
        [SCRIPT, "sh", "-c", 'echo "$ECLUSA_TEST_SERVER_DATA"; echo "$ECLUSA_TEST_SERVER_PID"; exec cat'],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return script, pathlib.Path(script.stdout.readline().strip()), int(script.stdout.readline())


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


def is_gone(data, pid):
    return not data.parent.exists() and not pathlib.Path(f"/proc/{pid}").exists()


def test_the_command_finds_a_superuser_on_utf8_and_its_status_is_kept():
    answer = subprocess.run(
        [SCRIPT, "sh", "-c", 'echo "$ECLUSA_TEST_DB"; exit 7'],
        env=environment(), capture_output=True, text=True)
    assert answer.returncode == 7
    assert answer.stdout.startswith("host=/")


def test_the_server_answers_while_the_command_runs_and_is_gone_afterwards():
    script, data, pid = start()
    with psycopg.connect(f"host={data.parent} user=postgres dbname=postgres") as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW is_superuser").fetchone() == ("on",)
    script.stdin.close()
    assert script.wait(DEADLINE_SECONDS) == 0
    assert is_gone(data, pid)


def test_a_terminated_script_takes_its_server_along():
    script, data, pid = start()
    script.send_signal(signal.SIGTERM)
    assert script.wait(DEADLINE_SECONDS) == 143
    assert is_gone(data, pid)


def test_a_killed_script_takes_its_server_along():
    script, data, pid = start()
    script.kill()
    script.wait(DEADLINE_SECONDS)
    script.stdin.close()
    wait_until(lambda: is_gone(data, pid))


def test_a_server_that_is_there_is_used():
    answer = subprocess.run([SCRIPT, "sh", "-c", 'echo "$ECLUSA_TEST_DB"'],
                            env=environment(ECLUSA_TEST_DB="host=elsewhere"), capture_output=True, text=True)
    assert answer.stdout == "host=elsewhere\n"


def test_a_setting_asks_for_a_server_of_its_own():
    answer = subprocess.run(
        [SCRIPT, "--set", "max_connections = 7", "sh", "-c", 'grep max_conn "$ECLUSA_TEST_SERVER_DATA/postgresql.conf" | tail -1; true'],
        env=environment(ECLUSA_TEST_DB="host=elsewhere"), capture_output=True, text=True)
    assert answer.stdout == "max_connections = 7\n"
