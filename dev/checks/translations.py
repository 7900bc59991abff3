"""Export the terms to translate, and update the translations (``make i18n``)."""

import polib

from ..setup import database_templates, databases, odoo_config, paths, postgres
from ..setup.console import Problem, run, say, step

FOLDER = paths.ROOT / paths.ADDON / "i18n"
TEMPLATE = FOLDER / f"{paths.ADDON}.pot"


def main(_args):
    """Export the terms, update the translations, and print the untranslated terms."""
    postgres.ensure()
    exported = polib.pofile(_export())
    if not TEMPLATE.exists() or _terms(exported) != _terms(polib.pofile(TEMPLATE)):
        # otherwise only the date would change
        exported.save(TEMPLATE)
    template = polib.pofile(TEMPLATE)
    for file in sorted(FOLDER.glob("*.po")):
        _say_untranslated(file.name, merge(file, template))


def merge(file, template):
    """Update a translation: add new terms untranslated, and remove obsolete terms.

    :param Path file: of the translation
    :param polib.POFile template:
    :return polib.POFile: the updated translation
    :raise Problem: when the file has a syntax error
    """
    try:
        translation = polib.pofile(file)
    except OSError as error:  # polib raises this for syntax errors, too
        raise Problem(str(error)) from error
    translation.merge(template)
    order = {entry.msgid: position for position, entry in enumerate(template)}
    translation[:] = sorted(
        (entry for entry in translation if not entry.obsolete),
        key=lambda entry: order[entry.msgid],
    )
    translation.metadata["POT-Creation-Date"] = template.metadata["POT-Creation-Date"]
    translation.save()
    return translation


def _export():
    """Export the terms of the current addon from a database.

    :rtype: Path
    """
    file = paths.GROUND / TEMPLATE.name
    base, addon = database_templates.base(), database_templates.addon()
    # a clone, because connections to the template would block other commands
    name = databases.new_name("i18n")
    with databases.held(base), databases.held(addon), databases.held(name):
        try:
            databases.clone(addon, name)
            with step("Exporting the terms"):
                run(
                    [
                        *(paths.PYTHON, paths.ODOO_COMMAND, "i18n", "export"),
                        *("-c", odoo_config.write(paths.GROUND / "install.conf")),
                        *("-d", name, "-o", file, paths.ADDON),
                    ],
                    what="Exporting the terms",
                    log="i18n",
                    env=postgres.environment(),
                    cwd="/",
                )
        finally:
            databases.drop(name)
    return file


def _terms(template):
    """List the entries of a template as text, without the header."""
    return [str(entry) for entry in template]


def _say_untranslated(name, translation):
    left = [entry for entry in translation if not entry.translated()]
    say(f"{name}: {len(translation)} terms, {len(left)} untranslated")
    for entry in left:
        say(f"    {entry.msgid}")
