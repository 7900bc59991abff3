"""Run Odoo's tests several times at once, each in one pytest with its own database."""

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

# the tests run on http://127.0.0.1, and mail would go out untracked
PRIVATE_URL = """
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('pipeline_tracking.allow_private_url', 'True')
"""
# for the companies there are, and for those that tests make
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

TIME_LIMIT = 2 * 60 * 60  # seconds; several times what it takes on two slow cores
LOOK = 1  # seconds between two looks at the runs
NEWS = 30  # seconds between two lines of progress
GRACE = 30  # seconds that a run has to end when it is told to


@contextlib.contextmanager
def ground():
    """The templates by kind of run, made where they are missing; kept for the block,
    whatever becomes of the addon's code meanwhile.

    :raise Problem: when another has it
    """
    with databases.held("make-odoo-suite", exclusive=True, wait=False) as lock:
        if lock is None:
            raise Problem("make odoo-suite runs already, in this checkout.")
        suite, addon = database_templates.suite(), database_templates.suite_addon()
        databases.collect_garbage(keep=database_templates.current())
        with databases.held(suite), databases.held(addon):
            yield {WITHOUT: suite, WITH: addon, UNTRACKED: addon}


def results(selection, found, kinds, mark=""):
    """Run tests, in runs of several kinds at the same time.

    :param list selection: ids of tests, or of files and folders, below Odoo's addons
    :param dict found: what ``ground`` gives
    :param str mark: for the names of the files with what the runs have to say
    :return: by kind: the results of ``verdict.read``
    :raise Problem: when one of them died
    """
    with contextlib.ExitStack() as stack:
        runs = [
            stack.enter_context(_started(kind, selection, found[kind], mark))
            for kind in kinds
        ]
        _wait(runs)
        return {run.kind: run.results() for run in runs}


class Run:
    """A pytest that is running."""

    def __init__(self, kind, selection, process, files):
        self.kind = kind
        self.title = TITLES[kind]
        self.selection = selection
        self.process = process
        self.file, self.log = files
        self.deadline = time.monotonic() + TIME_LIMIT

    @property
    def running(self):
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def lines(self):
        """What its plugin has written; not half a line."""
        if not self.file.exists():
            return []
        lines = self.file.read_text().splitlines(keepends=True)
        return [line for line in lines if line.endswith("\n")]

    def stop(self):
        """End it and what it started: browsers go on for ever otherwise."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.running:
                return
            os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)

    def results(self):
        """What came of its tests.

        :raise Problem: when it died
        """
        try:
            return verdict.read(self.lines(), self.process.poll(), self.selection)
        except verdict.Died as error:
            raise Problem(
                f"The run {self.title} died: {error}. Nothing can be said.\n"
                f"All of its output: {self.log}"
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
    # of this database alone: a run whose command was killed goes on writing its own
    file = rc.with_suffix(".jsonl")
    log = paths.LOGS / f"odoo-suite-{kind}{mark}.log"
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    command = [
        *(paths.PYTHON, "-m", "pytest", f"--odoo-config={rc}", "--odoo-http"),
        # none of our own settings; ids are paths below Odoo's addons
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
    """The folder of Odoo's addons: in a checkout, `mail` is not beside `base`."""
    folder = source.folder()
    return next(
        path
        for path in (folder / "odoo" / "addons", folder / "addons")
        if (path / "mail").exists()
    )


def _wait(runs):
    news = time.monotonic() + NEWS
    while any(run.running for run in runs):
        time.sleep(LOOK)
        now = time.monotonic()
        for run in runs:
            if run.running and now > run.deadline:
                run.stop()
                raise Problem(
                    f"The run {run.title} was not done after {TIME_LIMIT // 60} "
                    f"minutes and was ended. All of its output: {run.log}"
                )
        if now > news:
            news = now + NEWS
            say("    " + "; ".join(map(_news, runs)))


def _news(run):
    state = verdict.progress(run.lines())
    if not state.total:
        return f"{run.title}: starting"
    return f"{run.title}: {state.done} of {state.total}, {state.failed} failed"
