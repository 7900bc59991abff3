"""The set-up announces its duration, and shows the progress of long steps."""

import sys

import pytest

from dev.demo import show
from dev.setup import console, estimate, paths, venv

SLOW = "import time; print('step 1', flush=True); time.sleep(1)"


@pytest.fixture(autouse=True)
def logs(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "LOGS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "seconds, text",
    [
        (2, "about 10 seconds"),
        (20, "about 20 seconds"),
        (55, "about 1 minute"),
        (230, "about 4 minutes"),
    ],
)
def test_durations_are_rounded(seconds, text):
    assert estimate.duration(seconds) == text


def test_the_first_demo_announces_time_and_disk_space(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "PYTHON", tmp_path / "missing")
    monkeypatch.setattr(estimate.source, "folder", lambda: tmp_path / "missing")
    monkeypatch.setattr(estimate, "INBOX", tmp_path / "missing")
    estimate.announce("demo")
    assert capsys.readouterr().err == (
        "The first `make demo` takes about 4 minutes and 2.3 GB of disk space in "
        ".dev/.\n"
    )


def test_a_complete_environment_announces_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "PYTHON", tmp_path)
    monkeypatch.setattr(estimate.source, "folder", lambda: tmp_path)
    estimate.announce("demo")
    assert capsys.readouterr().err == ""


def test_a_log_shows_progress(monkeypatch, capsys):
    monkeypatch.setattr(console, "SHOW_SECONDS", 0.1)
    monkeypatch.setattr(console, "LOG_SECONDS", 0)
    console.run([sys.executable, "-c", SLOW], what="Waiting", progress=str.strip)
    assert capsys.readouterr().err == "    step 1\n"


def test_a_terminal_shows_progress_in_a_single_line(monkeypatch, capsys):
    monkeypatch.setattr(console, "SHOW_SECONDS", 0.1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    console.run([sys.executable, "-c", SLOW], what="Waiting", progress=str.strip)
    assert capsys.readouterr().err == "\r\033[K    step 1\r\033[K"


def test_a_program_with_progress_reads_its_script(logs, monkeypatch):
    monkeypatch.setattr(console, "SHOW_SECONDS", 0.1)
    command = ["sh", "-c", "sleep 0.5; cat"]
    console.run(command, what="Reading", script="text", progress=str.strip)
    assert (logs / "sh.log").read_text() == "text"


def test_a_failed_program_shows_its_last_lines():
    command = ["sh", "-c", "echo reason; exit 3"]
    with pytest.raises(console.Problem, match="(?s)exit status 3.*reason.*Retry"):
        console.run(command, what="Failing", hint="Retry.")


def test_the_installation_counts_packages():
    progress = venv._InstallationProgress()
    downloading = "Ignoring tomli: markers\nCollecting babel==2\nCollecting lxml==5\n"
    assert progress("") == ""
    assert progress(downloading) == f"downloaded 2 of {progress._required - 1}"
    installing = f"{downloading}Installing collected packages: babel, lxml\n"
    assert progress(installing) == "installed 0 of 2"


def test_the_demo_prints_both_logins_and_starts_in_odoo():
    text = show.TEXT
    assert "login {login}, password {password}" in text
    assert "login {colleague}, password {colleague}" in text
    steps = ["{odoo}/odoo/crm/{opportunity_id}", "{inbox}\n 3", '"{subject}".', "click"]
    positions = [text.index(step) for step in steps]
    assert positions == sorted(positions)
