"""Record the inputs of each set-up step, to repeat the step only if they change."""

import hashlib
import json

from . import paths


def digest(*files, extra=()):
    """Return the SHA-256 of the files and values that a step depends on."""
    result = hashlib.sha256(json.dumps([str(value) for value in extra]).encode())
    for file in files:
        result.update(file.read_bytes())
    return result.hexdigest()


def _file(name):
    return paths.GROUND / "stamps" / name


def fresh(name, value):
    """Tell whether the step ``name`` was finished with this value the last time."""
    file = _file(name)
    return file.exists() and file.read_text() == value


def write(name, value):
    """Record that the step ``name`` was finished with this value."""
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value)


def drop(name):
    """Forget the step before it runs, so that an interrupted step is repeated."""
    _file(name).unlink(missing_ok=True)
