"""Run Odoo's tests in parallel runs. Each run is a pytest with its own database."""

import contextlib
import os
import signal
import subprocess
import time

from ...setup import database_templates, databases, odoo_config, paths, source
from ...setup.console import Problem, say
from ..suite import environment
from . import plugin, verdict

WITHOUT, WITH, UNTRACKED = "without", "with", "untracked"
TITLES = {
    WITHOUT: "without the addon",
    WITH: "with the addon",
    UNTRACKED: "with the addon, untracked",
}

# the tests run on http://127.0.0.1, where emails are untracked by default
PRIVATE_URL = """
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('pipeline_tracking.allow_private_url', 'True')
"""
# for existing companies, and for companies that tests make
TRACK_NOTHING = """
    UPDATE res_company SET track_emails_by_default = FALSE;
    INSERT INTO ir_default (field_id, json_value)
    SELECT id, 'false' FROM ir_model_fields
    WHERE model = 'res.company' AND name = 'track_emails_by_default'
"""
PREPARE = {
    WITHOUT: "",
    WITH: PRIVATE_URL,
    UNTRACKED: f"{PRIVATE_URL}; {TRACK_NOTHING}",
}

TIME_LIMIT = 2 * 60 * 60  # seconds; a run takes a fraction of it on two slow cores
CHECK_INTERVAL = 1  # seconds
PROGRESS_INTERVAL = 30  # seconds between two lines of progress
GRACE = 30  # seconds for a run to end after a signal


@contextlib.contextmanager
def ground():
    """Make the missing templates, and hold them during the block.

    A held template survives changes of the addon's code.

    :return: the template's name by the kind of run
    :raise Problem: when the command runs already
    """
    with databases.held("make-odoo-suite", exclusive=True, wait=False) as lock:
        if lock is None:
            raise Problem(
                "make odoo-suite already runs in this checkout. Wait until it ends."
            )
        suite, addon = database_templates.suite(), database_templates.suite_addon()
        databases.collect_garbage(keep=database_templates.current())
        with databases.held(suite), databases.held(addon):
            yield {WITHOUT: suite, WITH: addon, UNTRACKED: addon}


def results(selection, templates, kinds, mark=""):
    """Run tests in parallel runs of several kinds.

    :param list selection: ids of tests, files or folders below Odoo's addons
    :param dict templates: from ``ground``
    :param str mark: a suffix for the names of the log files
    :return: the results of ``verdict.read`` by the kind of run
    :raise Problem: when a run crashed
    """
    with contextlib.ExitStack() as stack:
        runs = [
            stack.enter_context(_started(kind, selection, templates[kind], mark))
            for kind in kinds
        ]
        _wait(runs)
        return {run.kind: run.results() for run in runs}


class Run:
    """A running pytest."""

    def __init__(self, kind, selection, process, files):
        self.kind = kind
        self.title = TITLES[kind]
        self.selection = selection
        self.process = process
        self.file, self.log = files
        self.deadline = time.monotonic() + TIME_LIMIT

    @property
    def running(self):
        """Tell whether pytest still runs."""
        return self.process.poll() is None

    def lines(self):
        """Return the complete lines that the plugin has written."""
        if not self.file.exists():
            return []
        lines = self.file.read_text().splitlines(keepends=True)
        return [line for line in lines if line.endswith("\n")]

    def stop(self):
        """Stop pytest and its browsers, which would not end by themselves."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.running:
                return
            os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)

    def results(self):
        """Return the results of the tests.

        :raise Problem: when pytest crashed
        """
        try:
            return verdict.read(self.lines(), self.process.poll(), self.selection)
        except verdict.Died as error:
            raise Problem(
                f"The run {self.title} did not finish, so there is no comparison: "
                f"{error}.\nIts full output is in {self.log}."
            ) from error


@contextlib.contextmanager
def _started(kind, selection, template, mark):
    name = databases.new_name("suiterun")
    with databases.held(template) as lock, databases.held(name) as own_lock:
        try:
            databases.clone(template, name)
            if PREPARE[kind]:
                with databases.connect(name) as connection:
                    connection.cursor().execute(PREPARE[kind])
            run = _start(kind, selection, name, mark, (lock, own_lock))
            try:
                yield run
            finally:
                run.stop()
                run.file.unlink(missing_ok=True)
        finally:
            databases.drop(name)


def _start(kind, selection, name, mark, locks):
    rc = odoo_config.write(
        databases.run_config(name), db_name=name, dbfilter="", max_cron_threads="0"
    )
    # if the command is killed, pytest keeps writing, so each run has another file
    file = rc.with_suffix(".jsonl")
    log = paths.LOGS / f"odoo-suite-{kind}{mark}.log"
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    command = [
        *(paths.PYTHON, "-m", "pytest", f"--odoo-config={rc}", "--odoo-http"),
        # without this project's settings, and with ids below Odoo's addons
        *("-c", os.devnull, f"--rootdir={addons()}", "-p", "no:cacheprovider"),
        *("-W", "ignore", "-p", plugin.__name__),
        f"--suite-results={file}",
        *(addons() / test for test in selection),
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*map(str, command)],
            cwd=paths.ROOT,
            env=environment(rc),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=locks,
            start_new_session=True,
        )
    return Run(kind, selection, process, (file, log))


def addons():
    """Return the folder of Odoo's addons: the folder that holds `mail`."""
    folder = source.folder()
    return next(
        path
        for path in (folder / "odoo" / "addons", folder / "addons")
        if (path / "mail").exists()
    )


def _wait(runs):
    next_line = time.monotonic() + PROGRESS_INTERVAL
    while any(run.running for run in runs):
        time.sleep(CHECK_INTERVAL)
        now = time.monotonic()
        for run in runs:
            if run.running and now > run.deadline:
                run.stop()
                raise Problem(
                    f"The run {run.title} was stopped because it took more than "
                    f"{TIME_LIMIT // 60} minutes. Its full output is in {run.log}."
                )
        if now > next_line:
            next_line = now + PROGRESS_INTERVAL
            say("    " + "; ".join(map(_describe_progress, runs)))


def _describe_progress(run):
    state = verdict.progress(run.lines())
    if not state.total:
        return f"{run.title}: starting"
    return f"{run.title}: {state.done} of {state.total}, {state.failed} failed"
