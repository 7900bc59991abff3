"""Run a command of the environment; dev/run calls this as commands.py NAME ARGS…"""

import importlib
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
# Python runs this file by its path, so the package `dev` is not importable yet
sys.path[0] = str(Path(__file__).resolve().parents[1])
from dev.setup.console import Problem, say  # noqa: E402

# each function takes the command's arguments and returns the exit status
COMMANDS = {
    "check-wheel": "dev.checks.wheel.main",
    "demo": "dev.demo.show.main",
    "i18n": "dev.checks.translations.main",
    "lint": "dev.checks.lint.main",
    "networks": "dev.networks.command.main",
    "odoo": "dev.setup.odoo_config.run_odoo",
    "odoo-suite": "dev.checks.odoo_suite.command.main",
    "pins": "dev.setup.pins.main",
    "screenshots": "dev.demo.screenshots.main",
    "setup": "dev.setup.steps.main",
    "smoke": "dev.demo.smoke.main",
    "stop": "dev.setup.steps.stop",
    "test": "dev.checks.suite.main",
}


def main(name="", *args):
    """Run a command; print a problem as a message.

    :return: the exit status
    """
    try:
        if name not in COMMANDS:
            raise Problem(
                f'There is no command "{name}". Usage: dev/run NAME ARGS…, where NAME '
                f"is one of {', '.join(COMMANDS)}."
            )
        module, _dot, function = COMMANDS[name].rpartition(".")
        return getattr(importlib.import_module(module), function)([*args])
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except PermissionError as error:
        say(
            f"\n{error}: another user made .dev/. Run this as that user, or let that "
            "user remove .dev/."
        )
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader has closed the pipe; without this, Python complains at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
