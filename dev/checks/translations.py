"""Export the template of translations from Odoo, and bring the translations in step
(``make i18n``).
"""

import polib

from ..setup import database_templates, databases, odoo_config, paths, postgres
from ..setup.console import Problem, run, say, step

FOLDER = paths.ROOT / paths.ADDON / "i18n"
TEMPLATE = FOLDER / f"{paths.ADDON}.pot"


def main(_args):
    """Export, merge, and say what is left to translate."""
    postgres.ensure()
    exported = polib.pofile(_export())
    if not TEMPLATE.exists() or _terms(exported) != _terms(polib.pofile(TEMPLATE)):
        # else the date alone would change
        exported.save(TEMPLATE)
    template = polib.pofile(TEMPLATE)
    for file in sorted(FOLDER.glob("*.po")):
        _say_untranslated(file.name, merge(file, template))


def merge(file, template):
    """Bring a translation in step: keep what is translated, add new terms as they are,
    and remove terms that the template no longer has.

    :param Path file: of the translation
    :param polib.POFile template:
    :return polib.POFile: the translation
    :raise Problem: when the file cannot be read
    """
    try:
        translation = polib.pofile(file)
    except OSError as error:  # polib's syntax errors are such
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
    """Export the terms of a database with the addon as it is now.

    :rtype: Path
    """
    file = paths.GROUND / TEMPLATE.name
    base, addon = database_templates.base(), database_templates.addon()
    # a copy: nobody can clone a database that somebody is connected to
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
    """List the entries of a template as text, without its header."""
    return [str(entry) for entry in template]


def _say_untranslated(name, translation):
    left = [entry for entry in translation if not entry.translated()]
    say(f"{name}: {len(translation)} terms, {len(left)} of them to be translated")
    for entry in left:
        say(f"    {entry.msgid}")
