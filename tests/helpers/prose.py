"""Extract the sentences that people read from code, pages and translation templates."""

import ast
import io
import re
import tokenize
from collections import namedtuple

import polib

# `line` is the line of the file at which the sentence's paragraph begins.
Sentence = namedtuple("Sentence", "line text")

_HASH_COMMENT = re.compile(r"^\s*#+!? ?(.*)$")
_JS_COMMENT = re.compile(
    r"/\*\*?(.*?)\*/|(?<![:'\"`])//(.*?)$", re.DOTALL | re.MULTILINE
)
_XML_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_SQL_COMMENT = re.compile(r"^\s*-- ?(.*)$", re.MULTILINE)
_FENCE = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
_TABLE_RULE = re.compile(r"^[-:| ]+$")
# a list item, a heading, a quotation or a field of a docstring begins a sentence
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)]|#{1,6}|>|:\w+[^:]*:)\s+")
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)[)\"”]?\s+(?=[A-Z`*_\"“(])"
)
_MARKUP = re.compile(r"^[\s`*_\"“'(\[<]+")


def read_sentences(path):
    """Return the sentences of a file: docstrings and comments of code, all prose of
    Markdown, the terms of a translation template.

    :param Path path:
    :rtype: list[Sentence]
    """
    text = path.read_text()
    read_paragraphs = _READERS.get(path.suffix, _read_hash_comments)
    return [
        Sentence(line, sentence)
        for line, paragraph in read_paragraphs(text)
        for sentence in split_sentences(paragraph)
    ]


def split_sentences(text):
    """Split a text at blank lines, list items, table cells and sentence ends.

    :param str text:
    :return: sentences without the markup before their first word
    :rtype: list[str]
    """
    sentences = []
    for block in re.split(r"\n\s*\n", text):
        items = [[]]
        for line in block.splitlines():
            if _TABLE_RULE.match(line):
                continue
            if line.strip().startswith("|"):
                items.extend([cell] for cell in line.strip().strip("|").split("|"))
                items.append([])
                continue
            if _ITEM.match(line):
                items.append([])
                line = _ITEM.sub("", line)
            items[-1].append(line.strip())
        for item in items:
            for sentence in _SENTENCE_END.split(" ".join(item)):
                sentence = _MARKUP.sub("", sentence.strip())
                if sentence:
                    sentences.append(sentence)
    return sentences


def _read_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(
            node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            docstring = ast.get_docstring(node)
            if docstring:
                yield node.body[0].lineno, docstring
    whole_lines = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line = token.start[0]
            if token.line.lstrip().startswith("#"):
                whole_lines.append((line, token.string))
            else:
                yield line, token.string.lstrip("# ")
    yield from _join_lines(whole_lines)


def _read_hash_comments(text):
    lines = enumerate(text.splitlines(), 1)
    yield from _join_lines(
        [(number, line) for number, line in lines if _HASH_COMMENT.match(line)]
    )


def _join_lines(comments):
    """Join comments on consecutive lines to paragraphs."""
    paragraph, first, last = [], 0, 0
    for line, comment in comments:
        if paragraph and line != last + 1:
            yield first, "\n".join(paragraph)
            paragraph = []
        if not paragraph:
            first = line
        paragraph.append(_HASH_COMMENT.sub(r"\1", comment))
        last = line
    if paragraph:
        yield first, "\n".join(paragraph)


def _read_with(pattern):
    def read(text):
        previous_end, previous_line, paragraph = None, 0, []
        for match in pattern.finditer(text):
            comment = next(group for group in match.groups() if group is not None)
            comment = re.sub(r"^\s*\*+ ?", "", comment, flags=re.MULTILINE)
            joins = previous_end is not None and not text[
                previous_end : match.start()
            ].strip(" \t\n")
            one_line = "\n" not in comment
            if paragraph and not (joins and one_line):
                yield previous_line, "\n".join(paragraph)
                paragraph = []
            if not paragraph:
                previous_line = text.count("\n", 0, match.start()) + 1
            paragraph.append(comment)
            previous_end = match.end() if one_line else None
        if paragraph:
            yield previous_line, "\n".join(paragraph)

    return read


def _read_markdown(text):
    # a fence keeps its lines, so that the lines after it keep their numbers
    text = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    line = 1
    for block in re.split(r"(\n\s*\n)", text):
        if block.strip():
            yield line, block
        line += block.count("\n")


def _read_terms(text):
    for entry in polib.pofile(text):
        yield entry.linenum, entry.msgid


_READERS = {
    ".py": _read_python,
    ".js": _read_with(_JS_COMMENT),
    ".cjs": _read_with(_JS_COMMENT),
    ".scss": _read_with(_JS_COMMENT),
    ".xml": _read_with(_XML_COMMENT),
    ".html": _read_with(_XML_COMMENT),
    ".sql": _read_with(_SQL_COMMENT),
    ".lua": _read_with(_SQL_COMMENT),
    ".md": _read_markdown,
    ".pot": _read_terms,
}
