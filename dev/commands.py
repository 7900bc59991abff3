"""Run a command of the environment (the scripts beside this do): run.py NAME ARGS…"""

import importlib
import os
import sys

sys.dont_write_bytecode = True
from environment.console import Problem, say  # noqa: E402


def main():
    """Run ``main(args)`` of the named module; a problem becomes one message."""
    command = importlib.import_module(f"environment.{sys.argv[1]}")
    try:
        return command.main(sys.argv[2:])
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except PermissionError as error:
        say(
            f"\n{error}: .dev/ belongs to who ran `make setup`. Run this as the "
            "same user, or remove .dev/ as that one."
        )
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader of our output has gone: nothing more to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
