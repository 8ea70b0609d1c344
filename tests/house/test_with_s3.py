"""tools/with_s3.sh leaves nothing behind, however it ends."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "with_s3.sh"
DEADLINE_SECONDS = 60


def environment(**more):
    """Without the server of a test's run around this one, so that the script starts one."""
    kept = {name: value for name, value in os.environ.items() if name != "ECLUSA_TEST_S3"}
    return {**kept, **more}


def start():
    """Starts the script with a command that tells where its server is and then waits."""
    script = subprocess.Popen(
        [SCRIPT, "sh", "-c", 'echo "$ECLUSA_TEST_S3"; echo "$ECLUSA_TEST_S3_DATA"; exec cat'],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return script, script.stdout.readline().strip(), pathlib.Path(script.stdout.readline().strip())


def answers(url):
    """Whether a server is there; without a signature it says no, which is an answer."""
    try:
        urllib.request.urlopen(url, timeout=10)
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError:
        return False
    return True


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


def test_the_status_of_the_command_is_kept():
    answer = subprocess.run([SCRIPT, "sh", "-c", "exit 7"], env=environment(), check=False)
    assert answer.returncode == 7


def test_the_server_answers_while_the_command_runs_and_is_gone_afterwards():
    script, url, data = start()
    assert url.startswith("http://127.0.0.1:")
    assert data.is_dir()
    assert answers(url)
    script.stdin.close()
    assert script.wait(DEADLINE_SECONDS) == 0
    assert not answers(url)
    assert not data.parent.exists()


def test_a_killed_script_takes_its_server_along():
    script, url, data = start()
    script.send_signal(signal.SIGKILL)
    script.wait(DEADLINE_SECONDS)
    script.stdin.close()
    wait_until(lambda: not data.parent.exists())
    assert not answers(url)


def test_two_servers_stand_beside_each_other():
    first, first_url, _ = start()
    second, second_url, _ = start()
    assert first_url != second_url
    for script in (first, second):
        script.stdin.close()
        assert script.wait(DEADLINE_SECONDS) == 0


def test_a_server_that_is_there_already_is_used():
    answer = subprocess.run([SCRIPT, "sh", "-c", 'echo "$ECLUSA_TEST_S3"'],
                            env=environment(ECLUSA_TEST_S3="http://there"), stdout=subprocess.PIPE,
                            text=True, check=True)
    assert answer.stdout == "http://there\n"
