"""tools/with_rabbitmq.sh leaves nothing behind, however it ends."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "with_rabbitmq.sh"
DEADLINE_SECONDS = 90
TELL = 'echo "$ECLUSA_TEST_BROKER"; echo "$ECLUSA_TEST_BROKER_DIR"; exec cat'


def environment(**more):
    """Without the broker of a test's run around this one, so that the script starts one."""
    kept = {name: value for name, value in os.environ.items() if name != "ECLUSA_TEST_BROKER"}
    return {**kept, **more}


def answers(url):
    """Whether something listens there."""
    parts = urllib.parse.urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=10).close()
    except OSError:
        return False
    return True


def processes_of(folder):
    """The broker, its helpers and the port mapper, by the folder that their environment names."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass  # ended meanwhile, or another user's
    return found


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


# One start, of about ten seconds, for what a broker of its own is needed for: this is the hardest end.
def test_a_killed_script_takes_its_broker_along():
    script = subprocess.Popen(
        [SCRIPT, "sh", "-c", TELL], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = script.stdout.readline().strip()
    folder = pathlib.Path(script.stdout.readline().strip())
    assert url.startswith("amqp://eclusa:")
    assert answers(url)
    assert processes_of(folder)
    script.send_signal(signal.SIGKILL)
    script.wait(DEADLINE_SECONDS)
    script.stdin.close()
    wait_until(lambda: not folder.exists())
    wait_until(lambda: not processes_of(folder))
    assert not answers(url)


def test_a_broker_that_is_there_already_is_used():
    answer = subprocess.run([SCRIPT, "sh", "-c", 'echo "$ECLUSA_TEST_BROKER"; exit 7'],
                            env=environment(ECLUSA_TEST_BROKER="amqp://there"), stdout=subprocess.PIPE,
                            text=True, check=False)
    assert answer.stdout == "amqp://there\n"
    assert answer.returncode == 7
