#!/usr/bin/env python3
"""Checks the structure of the Unity package: no circles between files or folders, small files, short methods.

Usage: python3 tests/csharp/tools/check_structure.py

A file depends on another file if it mentions a type that the other file declares. The check reads tokens, not
compiled code, so the use of a member with the name of a type counts as a mention of the type. Prints one line for each
violation and exits with 1 if there are any.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "unity-package"
TESTS = ROOT / "tests" / "csharp"
MAX_FILE_LINES = 450
MAX_METHOD_LINES = 60
MIN_TYPES = 50  # fewer types mean that the tokenizer is broken, not that the package is small

# Pairs of files that may mention each other, with the reason. Keep this table short.
ALLOWED_PAIRS = {}

# A folder of the package, and the namespaces that its files must not mention.
FORBIDDEN = {
    "Runtime/Core": ("UnityEngine", "UnityEditor", "UnityEditorInternal"),
    "Runtime/Capabilities": ("UnityEngine", "UnityEditor", "UnityEditorInternal"),
    "Runtime": ("UnityEditor", "UnityEditorInternal"),
}

TOKEN = re.compile(
    r'(?P<skip>//[^\n]*|/\*.*?\*/|^[ \t]*\#[^\n]*|\$?@"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])+\')'
    r"|(?P<word>@?[A-Za-z_]\w*)|(?P<line>\n)|(?P<mark>=>|[^\s\w])",
    re.M | re.S,
)
TYPE_KEYWORDS = ("class", "struct", "interface", "enum")
# Words after which a name is a type or a value. After any other word a name is a declaration: `Frame frame`.
KEYWORDS = set(
    "abstract as async await base case checked const delegate do else event explicit extern fixed foreach goto if"
    " implicit in internal is lock new operator out override params partial private protected public readonly ref"
    " return sealed sizeof stackalloc static switch this throw typeof unsafe using virtual volatile when where while"
    " yield".split()
)


class Source:
    """The parts of one C# file that the check needs."""

    def __init__(self, path):
        self.path = path
        text = path.read_text(encoding="utf-8")
        self.lines = text.count("\n")
        self.types = set()  # declared directly in a namespace
        self.words = set()  # identifiers that may be types
        self.namespaces = set()  # segments of the declared and imported namespaces
        self.long_methods = []
        self._read(list(tokenize(text)))

    def _read(self, tokens):
        blocks = []  # what each open brace belongs to: "namespace", "type", "member", "values" or "other"
        start = 0  # the first token of the present statement or member
        at = 0
        while at < len(tokens):
            token, line = tokens[at]
            if token in ("using", "namespace") and tokens[at + 1][0] != "(":
                at = self._skip_namespace(tokens, at)
                continue
            if token == "{":
                head = [word for word, _ in tokens[start:at]]
                blocks.append((self._kind(head, blocks), tokens[start][1]))
                start = at + 1
            elif token == "}":
                kind, first = blocks.pop()
                if kind == "member" and line - first + 1 > MAX_METHOD_LINES:
                    self.long_methods.append((first, line - first + 1))
                start = at + 1
            elif token == ";":
                start = at + 1
            elif is_word(token):
                before = [word for word, _ in tokens[max(0, at - 2):at]]
                self._add_word(token, before, blocks)
            at += 1

    def _skip_namespace(self, tokens, at):
        """Records the segments of a namespace; returns the position of its `;` or `{`."""
        while tokens[at][0] not in (";", "{"):
            if is_word(tokens[at][0]):
                self.namespaces.add(tokens[at][0])
            at += 1
        return at

    def _add_word(self, word, before, blocks):
        is_type_name = bool(before) and before[-1] in TYPE_KEYWORDS
        if is_type_name and all(kind == "namespace" for kind, _ in blocks):
            self.types.add(word)
            return
        is_member = before[-1:] == ["."] and before[0] not in self.namespaces
        is_declared_name = bool(before) and is_word(before[-1]) and before[-1] not in KEYWORDS
        if not is_member and not is_declared_name:
            self.words.add(word)

    @staticmethod
    def _kind(head, blocks):
        outer = blocks[-1][0] if blocks else ""
        if not blocks and not any(word in TYPE_KEYWORDS for word in head):
            return "namespace"
        if outer in ("namespace", "type") and any(word in TYPE_KEYWORDS for word in head):
            return "type"
        if outer == "type":
            return "values" if "=" in head else "member"
        return "other"


def tokenize(text):
    """Yields words and marks with their lines, without comments, strings and directives."""
    line = 1
    for match in TOKEN.finditer(text):
        if match["word"] or match["mark"]:
            yield match[0], line
        line += match[0].count("\n")


def is_word(token):
    return token[0].isalpha() or token[0] in "_@"


def dependencies(sources):
    """Maps each file to the files whose types it mentions."""
    declared = defaultdict(set)
    for source in sources:
        for name in source.types:
            declared[name].add(source.path)
    if len(declared) < MIN_TYPES:
        raise SystemExit(f"only {len(declared)} types found: the check itself is broken")
    return {
        source.path: {path for word in source.words for path in declared.get(word, ()) if path != source.path}
        for source in sources
    }


def circles(graph):
    """Returns the strongly connected components of more than one node."""
    reachable = {node: reach(graph, node) for node in graph}
    found = {frozenset(other for other in reachable[node] if node in reachable[other]) for node in graph}
    return sorted(sorted(circle) for circle in found if len(circle) > 1)


def reach(graph, node):
    seen, open_nodes = set(), [node]
    while open_nodes:
        for other in graph[open_nodes.pop()]:
            if other not in seen:
                seen.add(other)
                open_nodes.append(other)
    return seen


def name(path):
    return path.relative_to(ROOT).as_posix()


def circle_problems(graph):
    pairs = {frozenset((a, b)) for a in graph for b in graph[a] if a in graph[b]}
    allowed = {frozenset(PACKAGE / part for part in pair) for pair in ALLOWED_PAIRS}
    for pair in sorted(sorted(pair) for pair in pairs - allowed):
        yield f"{name(pair[0])} and {name(pair[1])} mention each other"
    for pair in sorted(sorted(pair) for pair in allowed - pairs):
        yield f"ALLOWED_PAIRS is out of date: {name(pair[0])} and {name(pair[1])} do not mention each other"
    cut = {a: {b for b in graph[a] if frozenset((a, b)) not in allowed} for a in graph}
    for circle in circles(cut):
        if len(circle) > 2:
            yield "a circle of files: " + ", ".join(map(name, circle))
    folders = defaultdict(set)
    for path, others in graph.items():
        folders[path.parent] |= {other.parent for other in others} - {path.parent}
    for circle in circles(folders):
        yield "a circle of folders: " + ", ".join(map(name, circle))


def size_problems(sources):
    for source in sources:
        if source.lines > MAX_FILE_LINES:
            yield f"{name(source.path)}: {source.lines} lines, at most {MAX_FILE_LINES}"
        for line, length in source.long_methods:
            yield f"{name(source.path)}:{line}: a method of {length} lines, at most {MAX_METHOD_LINES}"


def engine_problems(sources):
    for source in sources:
        for folder, forbidden in FORBIDDEN.items():
            if (PACKAGE / folder) not in source.path.parents:
                continue
            for word in sorted((source.namespaces | source.words) & set(forbidden)):
                yield f"{name(source.path)} mentions {word}, which {folder} must not know"


def problems():
    """Returns one sentence for each violation."""
    package = [Source(path) for path in sorted(PACKAGE.rglob("*.cs"))]
    tests = [Source(path) for path in sorted(TESTS.rglob("*.cs"))]
    return [
        *circle_problems(dependencies(package)),
        *size_problems(package + tests),
        *engine_problems(package),
    ]


def main():
    found = problems()
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
