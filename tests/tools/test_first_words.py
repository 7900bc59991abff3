"""The first words of an email tell emails with the same subject apart."""

import unittest

from odoo.addons.pipeline_tracking.tools.first_words import (
    MAX_LENGTH,
    read_first_words,
)


class TestFirstWords(unittest.TestCase):
    def test_text_on_one_line(self):
        for html, words in {
            "<p>Hi <b>An</b>na,</p><p>here &amp; there</p>": "Hi Anna, here & there",
            "<div>\n  Hello&nbsp;Anna<br/>bye </div>": "Hello Anna bye",
            "Hello": "Hello",
            '<p><img src="x" alt="Our offer"/></p>': "Our offer",
            "<p><br/></p>": "",
            "": "",
        }.items():
            self.assertEqual(read_first_words(html), words, html)

    def test_long_text_is_cut_after_a_word(self):
        words = read_first_words("<p>" + "Good morning Anna, " * 100 + "</p>")
        self.assertLessEqual(len(words), MAX_LENGTH)
        self.assertEqual(
            words, "Good morning Anna, Good morning Anna, Good morning Anna…"
        )
        exact = "x" * MAX_LENGTH
        self.assertEqual(read_first_words(exact), exact)

    def test_text_without_spaces_is_cut(self):
        words = read_first_words("您好" * 100)
        self.assertEqual(words, "您好" * 29 + "您…")

    def test_quoted_text_is_left_out(self):
        quote = '<blockquote data-o-mail-quote="1">Anna wrote: yes</blockquote>'
        self.assertEqual(read_first_words(f"<p>Thanks!</p>{quote}"), "Thanks!")
        self.assertEqual(read_first_words(f"{quote}<p>Thanks!</p>"), "Thanks!")
        self.assertEqual(read_first_words(quote), "")

    def test_only_the_beginning_is_read(self):
        style = "color: red; " * 2000
        self.assertEqual(read_first_words(f'<p>Hello</p><p style="{style}">x'), "Hello")
        self.assertEqual(read_first_words("Hello <" + "x" * 10**6), "Hello")
