"""The template of translations equals Odoo's export, the translations are complete, and
Odoo shows them.
"""

import io
import re
from collections import Counter
from pathlib import Path

import polib
import pytest

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import code_translations, trans_export

from odoo.addons import pipeline_tracking

from .common import TrackingCase

MODULE = "pipeline_tracking"
FOLDER = Path(pipeline_tracking.__file__).parent / "i18n"
TEMPLATE = FOLDER / f"{MODULE}.pot"
LANGUAGES = ("de", "fr")
AGAIN = "`make i18n` exports the template and adds new terms to the translations"

# A translation keeps these parts of the term.
KEPT = {
    "placeholders": re.compile(r"%(?:\(\w+\))?[a-z]|\{\{.*?\}\}|\$\{.*?\}"),
    "tags": re.compile(r"</?[a-z][^<>]*>"),
    "entities": re.compile(r"&#?\w+;"),
    "line ends": re.compile(r"\n"),
}
# Punctuation that is wrong in a language.
MISTAKES = {
    # A narrow no-break space stands before these signs, and inside « ». A variable of
    # nginx, such as $http_host, is followed by a plain semicolon.
    "fr": re.compile(
        r"[ \u00a0][;:!?»]|«[^\u202f]|[^\u202f\s\d:]:(?=\s)|(?<![$\w])\w+[;!?](?!\w)"
    ),
    "de": re.compile(r"[“‟](?=\w)|\w„|[«»]"),
}


def read(name):
    return polib.pofile(FOLDER / name)


def terms(po):
    """Return the terms of a file and their places, by which Odoo loads translations.

    :rtype: dict[str, tuple]
    """
    return {
        entry.msgid: (sorted(entry.occurrences), entry.comment)
        for entry in po
        if not entry.obsolete
    }


def find_faults(entry, language):
    """Return the faults of a translation.

    :rtype: list[str]
    """
    if not entry.translated() or entry.fuzzy:
        return ["not translated"]
    faults = [
        f"other {name}"
        for name, pattern in KEPT.items()
        if Counter(pattern.findall(entry.msgid))
        != Counter(pattern.findall(entry.msgstr))
    ]
    words = KEPT["tags"].sub("", entry.msgstr)
    if MISTAKES[language].search(words) or '"' in words:
        faults.append("punctuation")
    return faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_the_terms_of_the_template(language):
    assert terms(read(f"{language}.po")) == terms(read(TEMPLATE.name)), AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_translated_and_keeps_its_parts(language):
    entries = read(f"{language}.po")
    assert len(entries) > 200
    faults = {entry.msgid: find_faults(entry, language) for entry in entries}
    assert {term: found for term, found in faults.items() if found} == {}


def test_the_glossary_has_the_labels_as_translated():
    labels = (FOLDER / "GLOSSARY.md").read_text().partition("## Labels")[2]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in labels.splitlines()
        if line.startswith("|")
    ][2:]
    assert len(rows) > 50
    french, german = (
        {entry.msgid: entry.msgstr for entry in read(f"{language}.po")}
        for language in ("fr", "de")
    )
    assert rows == [[row[0], french[row[0]], german[row[0]]] for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_why_an_email_is_not_tracked_has_no_remedy(language):
    """The badge of a sent message shows the reason alone. A composer adds a full stop
    and the remedy, which is another term.
    """
    reasons = [
        entry
        for entry in read(f"{language}.po")
        if any("__untracked_reason__" in place for place, _line in entry.occurrences)
    ]
    assert len(reasons) == 9
    for entry in reasons:
        assert "." not in entry.msgid, entry.msgid
        assert "." not in entry.msgstr, entry.msgstr


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_names_the_language(language):
    metadata = read(f"{language}.po").metadata
    assert metadata["Language"] == language
    assert metadata["Content-Type"] == "text/plain; charset=UTF-8"
    assert metadata["Plural-Forms"].startswith("nplurals=2;")


@pytest.mark.parametrize(
    "language, msgid, msgstr, faults",
    [
        ("fr", "Why: %(why)s", "Pourquoi\u202f: %(why)s", []),
        ("fr", "From 192.0.2.1, at 10:02", "De 192.0.2.1, à 10:02", []),
        ("fr", "In 2001:db8::/48", "Dans 2001:db8::/48", []),
        ("fr", "In nginx: set $x $y;", "Dans nginx\u202f: set $x $y;", []),
        ("fr", "See Undo", "Voir «\u202fAnnuler\u202f»", []),
        ("de", "See Undo", "Siehe „Rückgängig“", []),
        ("de", '<b class="x">A</b>', '<b class="x">B</b>', []),
        ("fr", "Why", "", ["not translated"]),
        ("fr", "Why: %(why)s", "Pourquoi\u202f: %(pourquoi)s", ["other placeholders"]),
        ("fr", "%(a)s of %(a)s", "%(a)s", ["other placeholders"]),
        ("de", '<b class="x">A</b>', '<b class="y">B</b>', ["other tags"]),
        ("de", "R&amp;D", "F und E", ["other entities"]),
        ("de", "One\nTwo", "Eins Zwei", ["other line ends"]),
        ("fr", "Why: this", "Pourquoi : ceci", ["punctuation"]),
        ("fr", "Why: this", "Pourquoi: ceci", ["punctuation"]),
        ("fr", "Sure?", "Sûr?", ["punctuation"]),
        ("fr", "Yes; no", "Oui; non", ["punctuation"]),
        ("fr", "See Undo", "Voir « Annuler\u202f»", ["punctuation"]),
        ("fr", "See Undo", 'Voir "Annuler"', ["punctuation"]),
        ("de", "See Undo", "Siehe “Rückgängig”", ["punctuation"]),
    ],
)
def test_faults_are_found(language, msgid, msgstr, faults):
    entry = polib.POEntry(msgid=msgid, msgstr=msgstr)
    assert find_faults(entry, language) == faults


def test_a_fuzzy_translation_does_not_count():
    entry = polib.POEntry(msgid="Why", msgstr="Pourquoi", flags=["fuzzy"])
    assert find_faults(entry, "fr") == ["not translated"]


@tagged("post_install", "-at_install")
class TestTemplate(TransactionCase):
    def test_the_template_equals_the_export(self):
        buffer = io.BytesIO()
        trans_export(None, [MODULE], buffer, "po", self.env)
        exported = terms(polib.pofile(buffer.getvalue().decode()))
        committed = terms(read(TEMPLATE.name))
        self.assertFalse(
            sorted(
                term
                for term in {*exported, *committed}
                if exported.get(term) != committed.get(term)
            ),
            f"These terms are new, gone or used elsewhere. {AGAIN}.",
        )


@tagged("post_install", "-at_install")
class TestShown(TrackingCase):
    """Users read translated terms of each kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        codes = ["fr_FR", "de_DE"]
        for code in codes:
            cls.env["res.lang"]._activate_lang(code)
        cls.env["ir.module.module"]._get(MODULE)._update_translations(codes)

    def in_language(self, code):
        return self.env(context={"lang": code})

    def test_fields(self):
        for code, label, help_text in (
            ("fr_FR", "Ouvertures", "Ouvertures du destinataire"),
            ("de_DE", "Öffnungen", "Öffnungen durch den Empfänger"),
            ("en_US", "Opens", "Opens by the recipient"),
        ):
            fields = self.in_language(code)["trackable.email"].fields_get()
            self.assertEqual(fields["open_count"]["string"], label)
            self.assertIn(help_text, fields["open_count"]["help"])

    def test_selections(self):
        for code, label in (
            ("fr_FR", "Peut-être ouvert"),
            ("de_DE", "Vielleicht geöffnet"),
            ("en_US", "May have been opened"),
        ):
            fields = self.in_language(code)["trackable.email"].fields_get(["status"])
            self.assertEqual(dict(fields["status"]["selection"])["maybe"], label)

    def test_views(self):
        view = self.env.ref("pipeline_tracking.trackable_email_view_form")
        for code, words in (
            ("fr_FR", ["Chronologie", "Retirer le fichier", "Toutes les requêtes"]),
            ("de_DE", ["Verlauf", "Datei zurückziehen", "Alle Anfragen"]),
            ("en_US", ["Timeline", "Withdraw File", "All requests"]),
        ):
            arch = self.in_language(code)["trackable.email"].get_view(view.id)["arch"]
            for word in words:
                self.assertIn(word, arch)

    def test_menus_windows_groups_and_subtypes(self):
        for xmlid, field, in_french, in_german in (
            ("menu_trackable_link", "name", "Liens et fichiers", "Links und Dateien"),
            ("menu_root", "name", "Suivi des e-mails", "E-Mail-Tracking"),
            (
                "trackable_hit_action_window",
                "name",
                "File d'attente",
                "Warteschlange",
            ),
            (
                "group_user",
                "name",
                "Utilisateur\u202f: mes e-mails",
                "Benutzer: Eigene E-Mails",
            ),
            (
                "mt_trackable_email_action",
                "name",
                "Action sur un e-mail suivi",
                "Aktion zu nachverfolgter E-Mail",
            ),
        ):
            record = self.env.ref(f"{MODULE}.{xmlid}")
            for code, name in (("fr_FR", in_french), ("de_DE", in_german)):
                self.assertEqual(record.with_context(lang=code)[field], name)

    def test_web_client(self):
        in_scripts = {
            entry.msgid
            for entry in read(TEMPLATE.name)
            if "odoo-javascript" in entry.comment
        }
        for code, expected in (
            (
                "fr_FR",
                {
                    "Not opened yet": "Pas encore ouvert",
                    "Opened %s×": "Ouvert %s×",
                    "Automated requests (not counted):": (
                        "Requêtes automatiques (non comptées)\u202f:"
                    ),
                    "and %(count)s more": "et %(count)s de plus",
                },
            ),
            (
                "de_DE",
                {
                    "Not opened yet": "Noch nicht geöffnet",
                    "Opened %s×": "%s× geöffnet",
                    "Automated requests (not counted):": (
                        "Automatische Anfragen (nicht gezählt):"
                    ),
                    "and %(count)s more": "und %(count)s weitere",
                },
            ),
        ):
            messages = code_translations.get_web_translations(MODULE, code)["messages"]
            shown = {message["id"]: message["string"] for message in messages}
            self.assertEqual(shown.keys(), in_scripts)
            self.assertEqual({term: shown[term] for term in expected}, expected)
        self.assertFalse(
            code_translations.get_web_translations(MODULE, "en_US")["messages"]
        )

    def test_page_of_a_withdrawn_file(self):
        for code, title in (
            ("fr_FR", "Ce fichier n'est plus disponible"),
            ("de_DE", "Diese Datei ist nicht mehr verfügbar"),
        ):
            page = self.in_language(code)["ir.qweb"]._render(
                "pipeline_tracking.file_withdrawn", {"file_name": "offer.pdf"}
            )
            self.assertIn(title, str(page).replace("&#39;", "'"))

    def test_entry_in_the_chatter(self):
        for code, entry in (
            (
                "fr_FR",
                "Carla Customer a ouvert « Proposal », a cliqué sur « prices » · TIME",
            ),
            (
                "de_DE",
                "Carla Customer hat „Proposal“ geöffnet, hat „prices“ angeklickt"
                " · TIME",
            ),
        ):
            lead = self.lead.copy()
            self.salesperson.lang = code
            delivered, email = self.send(
                '<p><a href="https://x.example.com/prices">prices</a></p>', record=lead
            )
            self.wait(600)  # clicks are not too soon
            self.hit(delivered.image_urls[0])
            self.hit(delivered.links["prices"])
            # The entry names one time, also if a minute has ended between the hits.
            self.env.cr.execute(
                "UPDATE trackable_hit"
                " SET occurred_at = (SELECT min(occurred_at) FROM trackable_hit)"
            )
            self.process()
            text = re.sub(r"\d\d:\d\d CES?T", "TIME", self.entry_text(lead))
            self.assertEqual(text, entry)
