"""The Dockerfile and the Compose file, by linters: no engine runs them here."""

import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "packaging" / "container"
COMPOSE = FOLDER / "compose.yaml"
MANDATORY = ("DB_NAME", "DB_USER", "DB_PASS", "DB_HOST")
OPTIONAL = ("DB_PORT", "RABBIT_CONTAINER_DNS", "RABBIT_CONTAINER_PORT")


def tool(name, *arguments):
    return subprocess.run([pathlib.Path(sys.executable).parent / name, *arguments], capture_output=True, text=True)


def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


def test_hadolint_has_nothing_to_say(tmp_path):
    checked = tool("hadolint", FOLDER / "Dockerfile")
    assert (checked.returncode, checked.stdout) == (0, "")
    (tmp_path / "Dockerfile").write_text("FROM debian:latest\nRUN cd /tmp\n")
    assert tool("hadolint", tmp_path / "Dockerfile").returncode != 0  # it can


def test_the_compose_file_is_one_by_its_specification(tmp_path):
    schema = ("--builtin-schema", "vendor.compose-spec")
    checked = tool("check-jsonschema", *schema, COMPOSE)
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "compose.yaml").write_text(COMPOSE.read_text().replace("healthcheck:", "health_check:"))
    assert tool("check-jsonschema", *schema, tmp_path / "compose.yaml").returncode != 0


def test_two_workers_share_what_the_server_has():
    server, worker = services()["server"], services()["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert (server["image"], server["volumes"]) == (worker["image"], worker["volumes"])
    assert server["extra_hosts"] == ["host.docker.internal:host-gateway"]
    assert worker["environment"].items() <= server["environment"].items()
    assert all("network_mode" not in service for service in services().values())


def test_every_variable_comes_from_the_env_file_and_a_missing_mandatory_one_is_named():
    environment = services()["worker"]["environment"]
    for name in MANDATORY:
        assert environment[name].startswith("${" + name + ":?")
    for name in OPTIONAL:
        assert environment[name].startswith("${" + name + ":-")
    example = (FOLDER / "example.env").read_text()
    assert all(re.search(rf"^(# )?{name}=", example, re.MULTILINE) for name in (*MANDATORY, *OPTIONAL))
    secrets = [v for s in services().values() for k, v in s.get("environment", {}).items() if "PASS" in k]
    assert set(secrets) == {"${DB_PASS:?is missing in the env file}", "${DB_PASS}"}


def test_who_answers_http_or_keeps_data_says_whether_it_is_well():
    assert [name for name, service in services().items() if "healthcheck" not in service] == ["worker"]
    assert services()["server"]["healthcheck"]["test"][-1].endswith("/health/ready")
    # What is waited for can be told to be well.
    for name, wanted in services()["worker"]["depends_on"].items():
        assert wanted["condition"] == "service_healthy" and "healthcheck" in services()[name]


def test_the_image_is_made_of_what_the_repository_has():
    text = (FOLDER / "Dockerfile").read_text()
    assert "RUN ./x package" in text and "\nUSER 990:990\n" in text
    assert services()["server"]["build"] == {"context": "../..", "dockerfile": "packaging/container/Dockerfile"}
    assert (FOLDER / services()["server"]["build"]["context"] / "x").exists()
    assert {"build", ".git", "*.env"} <= set((FOLDER / "Dockerfile.dockerignore").read_text().splitlines())
