"""The front door of the checkout, ./x."""

import os
import pathlib
import re
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMMANDS = ("setup", "build", "package", "test", "demo", "soak", "bench", "check", "fuzz", "shell")


def x(*arguments, root=ROOT, **options):
    return subprocess.run([root / "x", *arguments], capture_output=True, text=True, **options)


def test_help_names_every_command():
    text = x("help").stdout
    assert [name for name in COMMANDS if not re.search(rf"^  {name} ", text, re.MULTILINE)] == []


def test_an_unknown_command_is_a_usage_error():
    answer = x("frobnicate")
    assert answer.returncode == 2
    assert "./x COMMAND" in answer.stderr


def test_an_unknown_preset_and_check_are_named():
    assert "no preset fast" in x("build", "fast").stderr
    assert "no check taste" in x("check", "taste").stderr
    assert "no demo taste" in x("demo", "taste").stderr


def test_a_second_setup_installs_nothing_and_says_so_at_once():
    x("setup", "build", "run", "test", check=True)
    begin = time.monotonic()
    answer = x("setup", "build", "run", "test")
    assert answer.stderr == "x: nothing to install\n"
    assert time.monotonic() - begin < 2


def test_it_works_in_a_path_with_spaces(tmp_path):
    root = tmp_path / "a path with spaces"
    (root / "src").mkdir(parents=True)
    shutil.copy(ROOT / "x", root)
    shutil.copytree(ROOT / "tools", root / "tools")
    (root / "src" / "LAYERS").write_text("core:\n")
    answer = x("check", "layers", root=root)
    assert answer.stderr == "x: check: all well\n"


def test_it_is_found_from_any_folder(tmp_path):
    answer = subprocess.run([ROOT / "x", "check", "taste"], cwd=tmp_path, capture_output=True, text=True)
    assert "there are format, layers" in answer.stderr


def test_every_package_says_what_it_is_for():
    for line in (ROOT / "tools" / "packages.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert re.match(r"^\S+ +(build|run|test|broker|check|bench) +\S+", line), line


def test_the_scripts_are_plain_shell():
    for script in ("x", "tools/with_postgres.sh", "tools/with_s3.sh", "examples/demo/api.sh"):
        subprocess.run(["dash" if shutil.which("dash") else "sh", "-n", ROOT / script], check=True)
        assert os.access(ROOT / script, os.X_OK)
