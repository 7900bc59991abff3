"""Run a command of the environment: commands.py NAME ARGS… (dev/run does)."""

import importlib
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
# by its path, this file runs outside of its package
sys.path[0] = str(Path(__file__).resolve().parents[1])
from dev.setup.console import Problem, say  # noqa: E402

# each is a function of the command's arguments; it gives the exit status
COMMANDS = {
    "check-wheel": "dev.checks.wheel.main",
    "demo": "dev.demo.show.main",
    "i18n": "dev.checks.translations.main",
    "lint": "dev.checks.lint.main",
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
    """Run a command; a problem becomes one message.

    :return: the exit status
    """
    try:
        if name not in COMMANDS:
            raise Problem(f"dev/run NAME ARGS…, with NAME of {', '.join(COMMANDS)}")
        module, _dot, function = COMMANDS[name].rpartition(".")
        return getattr(importlib.import_module(module), function)([*args])
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except PermissionError as error:
        say(
            f"\n{error}: .dev/ belongs to the user who ran `make setup`. Run this as "
            "the same user, or let that user remove .dev/."
        )
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader of our output has gone: nothing more to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
