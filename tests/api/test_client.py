"""`eclusa client`: the local verbs against a server, in the same words and with the same exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.api.conftest import PATIENCE, PEOPLE_CONTRACT, PEOPLE_PATH, Site
from tests.api.cutting_proxy import CuttingProxy, cutting_proxy
from tests.product import Run

MIXED = "id,name\n1,ana\nx,rui\n2,\n3,eva\n"
CLEAN = "id,name\n1,ana\n2,rui\n"
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
# Sent in five parts of a MiB.
LARGE = "id,name\n" + "".join(f"{n},{'x' * 1000}\n" for n in range(4600))


class ClientCommand:
    """Runs `eclusa client` as its user would: server and token in the environment."""

    def __init__(self, site: Site, server: str, token: str) -> None:
        self.site = site
        self.environment = {
            "ECLUSA_SERVER": server,
            "ECLUSA_TOKEN": token,
            "XDG_STATE_HOME": str(site.folder / "state"),
        }

    def run(self, *arguments: str, **environment: str) -> Run:
        return self.site.product.run(
            ["client", *arguments], folder=self.site.folder, environment={**self.environment, **environment}
        )

    def upload(self, text: str, *arguments: str, name: str = "people.csv") -> Run:
        (self.site.folder / name).write_text(text, encoding="utf-8")
        return self.run("upload", name, "--dataset", PEOPLE_PATH, "--tenant", "tenant=47", *arguments)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """An upload of people.csv that goes on while the test does something else."""
        return subprocess.Popen(
            [
                self.site.product.binary, "client", "upload", "people.csv", "--dataset", PEOPLE_PATH,
                "--tenant", "tenant=47", *arguments,
            ],  # fmt: skip
            cwd=self.site.folder,
            env={**os.environ, "LANG": "C.UTF-8", **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def remembered(self) -> list[pathlib.Path]:
        return list((self.site.folder / "state").rglob("*.json"))

    def wait_for_job(self) -> str:
        end = time.monotonic() + PATIENCE
        while not (rows := self.site.rows("SELECT uid::text FROM eclusa.jobs")):
            assert time.monotonic() < end
        # The client knows of it once it asks how it stands.
        log = self.site.folder / "serve.log"
        while '"operation":"showLoad' not in log.read_text(encoding="utf-8"):
            assert time.monotonic() < end, self.site.log()
        return rows[0][0]


@pytest.fixture()
def command(site: Site) -> Iterator[ClientCommand]:
    with site.serving() as url:
        yield ClientCommand(site, url, site.token("submit", "--tenant", "47"))


@pytest.fixture()
def idle(site: Site) -> Iterator[ClientCommand]:
    """At a server that loads nothing."""
    with site.serving("--workers", "0") as url:
        yield ClientCommand(site, url, site.token("submit", "--tenant", "47"))


@pytest.fixture()
def proxy() -> Iterator[CuttingProxy]:
    with cutting_proxy() as made:
        yield made


@contextlib.contextmanager
def behind(site: Site, proxy: CuttingProxy, *flags: str) -> Iterator[None]:
    """A server whose clients see the proxy alone."""
    with site.serving("--public-url", proxy.url, *flags) as url:
        proxy.aim(url)
        yield


def job_of(run: Run) -> str:
    found = re.search(UUID, run.stdout)
    assert found, run.describe()
    return found.group()


def words(text: str) -> str:
    """A report without what differs from run to run: names of jobs, times, where it runs."""
    text = re.sub(rf"eclusa client (failures|resubmit) {UUID}", r"eclusa \1 N", text)
    text = re.sub(r"eclusa (failures|resubmit) \d+", r"eclusa \1 N", text)
    text = re.sub(rf"job ({UUID}|\d+)", "job N", text)
    return re.sub(r"(rows read in|linhas lidas em) .*", r"\1", text)


@pytest.mark.parametrize(
    ("text", "flags", "exit_code"),
    [
        (CLEAN, [], 0),
        (MIXED, [], 3),
        (MIXED, ["--dry-run"], 3),
        (MIXED, ["--max-failures", "1"], 4),
        (CLEAN, ["--mode", "guess"], 2),
        ("other\n1\n", [], 1),
        ("PAR1 no", [], 1),
        ("", [], 1),
    ],
)
def test_an_upload_says_and_means_what_a_local_load_does(
    site: Site, command: ClientCommand, text: str, flags: list[str], exit_code: int
) -> None:
    remote = command.upload(text, *flags)
    contract = site.folder / "people.yaml"
    assert contract.read_text(encoding="utf-8") == PEOPLE_CONTRACT
    local = site.product.run(
        ["load", "people.csv", "--contract", str(contract), "--tenant", "tenant=48", *flags], folder=site.folder
    )
    assert (remote.exit, local.exit) == (exit_code, exit_code), remote.describe() + local.describe()
    assert words(remote.stdout) == words(local.stdout)
    codes = [re.findall(r"\[([a-z_.]+)\]", run.stderr) for run in (remote, local)]
    assert codes[0] == codes[1]
    assert command.remembered() == []


def test_the_whole_conversation(site: Site, command: ClientCommand) -> None:
    loaded = command.upload(MIXED)
    job = job_of(loaded)
    number = site.value("SELECT id::text FROM eclusa.jobs")
    assert f"eclusa client failures {job} --output failures.csv" in loaded.stdout

    status = command.run("status", job)
    local = site.product.run(["status", number])
    assert (status.exit, words(status.stdout)) == (0, words(local.stdout))
    assert command.run("status", f"http://x{PEOPLE_PATH}/_bulk/status/{job}").stdout == status.stdout
    assert command.run("status", job, "--follow").exit == 3

    written = command.run("failures", job, "--output", "failures.csv")
    site.product.run(["failures", number, "--output", str(site.folder / "local.csv")])
    failures = (site.folder / "failures.csv").read_text(encoding="utf-8")
    assert failures == (site.folder / "local.csv").read_text(encoding="utf-8")
    assert f"2 failed rows written to failures.csv\nnext: fix them there, then\n  eclusa client resubmit {job}" in (
        written.stdout
    )
    assert command.run("failures", job, "--format", "csv").stdout == failures

    fixed = failures.replace("\nx,", "\n4,").replace("\n2,,", "\n2,bia,")
    (site.folder / "fixed.csv").write_text(fixed, encoding="utf-8")
    again = command.run("resubmit", job, "fixed.csv")
    assert again.exit == 0, again.describe()
    assert f"2 failures closed of job {job}" in again.stdout
    assert "open failures: none" in command.run("status", job).stdout
    nothing = command.run("failures", job, "--output", "none.csv")
    assert nothing.exit == 0 and "no open failures in job" in nothing.stderr
    assert not (site.folder / "none.csv").exists()
    assert command.run("failures", job, "--all", "--json", "--output", "all.csv").stdout == (
        '[{"path":"all.csv","rows":2}]\n'
    )
    assert site.value("SELECT string_agg(name, ' ' ORDER BY id) FROM people") == "ana bia eva rui"


@pytest.mark.parametrize(("output_format", "begins"), [("jsonl", b"{"), ("parquet", b"PAR1")])
def test_failures_come_in_a_format(command: ClientCommand, output_format: str, begins: bytes) -> None:
    job = job_of(command.upload(MIXED))
    assert command.run("failures", job, "--format", output_format, "--output", "out").exit == 0
    assert (command.site.folder / "out").read_bytes().startswith(begins)


def test_json_is_that_of_the_local_verbs(site: Site, command: ClientCommand) -> None:
    remote = json.loads(command.upload(MIXED, "--json").stdout)
    number = site.value("SELECT id::text FROM eclusa.jobs")
    local = json.loads(site.product.run(["status", number, "--json"]).stdout)
    assert re.fullmatch(UUID, remote["job_id"])
    status = json.loads(command.run("status", remote["job_id"], "--json").stdout)
    assert set(local) - set(status) == {"alive"}
    for name in ("state", "target", "mode", "outcomes", "files", "causes", "open_failures", "closed_failures"):
        assert status[name] == local[name], name
    assert remote["outcomes"] == local["outcomes"]


def test_waiving_and_cancelling(site: Site, command: ClientCommand) -> None:
    job = job_of(command.upload(MIXED))
    waived = command.run("waive", job, "--code", "type.integer", "--reason", "a test row")
    assert (waived.exit, waived.stdout) == (0, f"1 failures waived\nopen failures of job {job}: 1\n")
    assert command.run("waive", job, "--row", "3", "--reason", "").exit == 1
    assert command.run("waive", job, "--row", "3", "--reason", "x").stdout.endswith(f"{job}: 0\n")
    assert command.run("cancel", job).stdout == f"job {job}: it had ended\n"


def test_a_load_that_waits_is_cancelled(idle: ClientCommand) -> None:
    left = idle.upload(CLEAN, "--no-wait")
    job = job_of(left)
    assert left.exit == 0 and f"eclusa client status {job} --follow" in left.stdout
    assert "its place in the queue: 1" in idle.run("status", job).stdout
    early = idle.run("failures", job, "--attempts", "1")
    assert early.exit == 1 and "[api.not_ended]" in early.stderr
    assert idle.run("cancel", job).stdout == f"job {job}: canceled; it had not begun\n"
    ended = idle.run("status", job, "--follow")
    assert ended.exit == 130, ended.describe()


def test_a_dataset_is_found_by_its_name(command: ClientCommand) -> None:
    (command.site.folder / "people.csv").write_text(CLEAN, encoding="utf-8")
    assert command.run("upload", "people.csv", "--dataset", "people", "--tenant", "tenant=47").exit == 0
    unknown = command.run("upload", "people.csv", "--dataset", "nobody", "--tenant", "tenant=47")
    assert unknown.exit == 1 and "nobody" in unknown.stderr and "[api.no_dataset]" in unknown.stderr


def test_a_large_file_goes_on_where_the_connection_broke(site: Site, proxy: CuttingProxy) -> None:
    with behind(site, proxy):
        command = ClientCommand(site, proxy.url, site.token("submit"))
        proxy.cut_after = 3 * 2**19  # in the second part
        loaded = command.upload(LARGE, "--part-size", "1")
        assert loaded.exit == 0, loaded.describe()
        assert proxy.parts_sent() == [1, 2, 2, 3, 4, 5]
        assert site.value("SELECT count(*) FROM people") == "4600"
        assert command.remembered() == []


def test_a_client_that_was_killed_goes_on_where_it_was(site: Site, proxy: CuttingProxy) -> None:
    with behind(site, proxy):
        command = ClientCommand(site, proxy.url, site.token("submit"))
        (site.folder / "people.csv").write_text(LARGE, encoding="utf-8")
        proxy.hold_after = 5 * 2**19  # in the third part
        killed = command.start("--part-size", "1")
        assert proxy.held.wait(PATIENCE)
        killed.kill()
        killed.communicate()
        assert len(command.remembered()) == 1
        proxy.hold_after = None
        loaded = command.upload(LARGE, "--part-size", "1")
        assert loaded.exit == 0, loaded.describe()
        assert proxy.parts_sent() == [1, 2, 3, 3, 4, 5]
        assert site.value("SELECT count(*) FROM eclusa.uploads") == "1"
        assert command.remembered() == []


def test_a_file_that_has_changed_is_sent_anew(site: Site, proxy: CuttingProxy) -> None:
    with behind(site, proxy):
        command = ClientCommand(site, proxy.url, site.token("submit"))
        (site.folder / "people.csv").write_text(LARGE, encoding="utf-8")
        proxy.hold_after = 3 * 2**19
        killed = command.start("--part-size", "1")
        assert proxy.held.wait(PATIENCE)
        killed.kill()
        killed.communicate()
        proxy.hold_after = None
        changed = LARGE.replace("xxxx", "yyyy", 1)
        assert command.upload(changed, "--part-size", "1").exit == 0
        assert proxy.parts_sent() == [1, 2, 1, 2, 3, 4, 5]
        assert site.value("SELECT left(name, 4) FROM people WHERE id = 0") == "yyyy"


def test_a_client_killed_while_it_waits_finds_its_job_again(site: Site, proxy: CuttingProxy) -> None:
    token = site.token("submit")
    command = ClientCommand(site, proxy.url, token)
    (site.folder / "people.csv").write_text(CLEAN, encoding="utf-8")
    with behind(site, proxy, "--workers", "0"):
        waiting = command.start()
        job = command.wait_for_job()
        waiting.kill()
        waiting.communicate()
    with behind(site, proxy):
        again = command.upload(CLEAN)
    assert (again.exit, job_of(again)) == (0, job), again.describe()
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"


def test_an_answer_that_was_lost_makes_no_second_job(site: Site, proxy: CuttingProxy) -> None:
    with behind(site, proxy):
        command = ClientCommand(site, proxy.url, site.token("submit"))
        proxy.swallow_answer_to = f"PUT {PEOPLE_PATH}/_bulk HTTP".encode()
        loaded = command.upload(CLEAN)
        assert loaded.exit == 0, loaded.describe()
        assert proxy.swallow_answer_to is None
    assert site.value("SELECT count(*) FROM eclusa.jobs") == "1"


def test_ctrl_c_leaves_the_job_and_says_how_to_follow_it(idle: ClientCommand) -> None:
    (idle.site.folder / "people.csv").write_text(CLEAN, encoding="utf-8")
    waiting = idle.start()
    job = idle.wait_for_job()
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 130
    assert f"eclusa client status {job} --follow" in said and f"eclusa client cancel {job}" in said
    assert idle.site.value("SELECT state FROM eclusa.jobs") == "QUEUED"


def test_a_server_that_goes_away_is_an_error_and_the_job_is_named(site: Site, proxy: CuttingProxy) -> None:
    with behind(site, proxy, "--workers", "0"):
        command = ClientCommand(site, proxy.url, site.token("submit"))
        (site.folder / "people.csv").write_text(CLEAN, encoding="utf-8")
        waiting = command.start("--attempts", "2")
        job = command.wait_for_job()
        proxy.target = None
        _, said = waiting.communicate(timeout=PATIENCE)
        assert waiting.returncode == 1
        assert "[http.unreachable]" in said
        # Where the registration's own answer was lost there is no name to tell; the state has it.
        assert f"status {job} --follow" in said or len(command.remembered()) == 1


def test_no_server_there(site: Site) -> None:
    gone = ClientCommand(site, "http://127.0.0.1:9", "t").upload(CLEAN, "--attempts", "2")
    assert gone.exit == 1 and "[http.unreachable]" in gone.stderr and "next:" in gone.stderr


def test_what_is_missing_is_a_usage_error(site: Site, command: ClientCommand) -> None:
    (site.folder / "people.csv").write_text(CLEAN, encoding="utf-8")
    upload = ("upload", "people.csv", "--dataset", "people")
    assert "[client.no_server]" in command.run(*upload, ECLUSA_SERVER="").stderr
    nothing = command.run(*upload, ECLUSA_TOKEN="")
    assert (nothing.exit, "[client.no_token]" in nothing.stderr) == (2, True)
    assert command.run(*upload, "--tenant", "47").exit == 2
    gone = command.run("upload", "gone.csv", "--dataset", PEOPLE_PATH)
    assert gone.exit == 1 and "gone.csv" in gone.stderr
    assert command.run("status", "12").exit == 1
    assert "[api.no_job]" in command.run("status", "../x").stderr


def test_tokens_come_from_files_and_commands(site: Site, command: ClientCommand) -> None:
    token = command.environment.pop("ECLUSA_TOKEN")
    (site.folder / "token").write_text(token + "\n", encoding="utf-8")
    loaded = command.upload(MIXED, "--token-file", "token")
    assert loaded.exit == 3
    assert "--token-file token" in loaded.stdout.splitlines()[-1]
    assert command.upload(CLEAN, "--token-command", "cat token").exit == 0
    failed = command.upload(CLEAN, "--token-command", "exit 7")
    assert failed.exit == 1 and "exit 7" in failed.stderr and "[client.token_command]" in failed.stderr


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "next:"), ("pt", "próximo passo:")],
)
def test_a_wrong_token_is_told_in_the_users_language(command: ClientCommand, language: str, expected: str) -> None:
    (command.site.folder / "people.csv").write_text(CLEAN, encoding="utf-8")
    wrong = command.run(
        "upload", "people.csv", "--dataset", "people", "--lang", language, ECLUSA_TOKEN="ecl_" + "0" * 64
    )
    assert wrong.exit == 1, wrong.describe()
    assert "[api.unauthorized]" in wrong.stderr and expected in wrong.stderr


def test_reports_are_in_portuguese_where_asked(command: ClientCommand) -> None:
    loaded = command.upload(MIXED, "--lang", "pt")
    assert loaded.exit == 3
    for part in ("carregado, com falhas", "por que linhas falharam", "próximo passo"):
        assert part in loaded.stdout
    english = command.run("status", job_of(loaded))
    assert "why rows failed" in english.stdout


def test_help_has_examples(site: Site) -> None:
    text = site.product.run(["client", "--help"]).stdout
    for verb in ("upload", "status", "failures", "resubmit", "waive", "cancel"):
        assert f"  {verb}" in text
    assert "eclusa client upload suppliers.parquet" in site.product.run(["client", "upload", "--help"]).stdout
