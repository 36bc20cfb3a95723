"""Takes things out of a file and leaves every other byte as it was."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
_BANNER = re.compile(r"#\s*[-=#*~]{3,}")


@dataclass
class Cut:
    """What goes from one file. Lines count from 1 and are those of the file before any cut."""

    names: set[str] = field(default_factory=set[str])
    """Definitions by qualified name."""
    aliases: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """Imports: the statement's line, the name it binds."""
    spans: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Whole statements that start between these lines."""
    falses: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """`if` and `while` whose test is never true, by line and column; an `else` of theirs takes their place."""
    elses: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """`if` whose test is always true, by line and column: their `else` goes."""


class NotLossless(Exception):
    """The file doesn't come back as it was when merely read and written."""


def cut(data: bytes, wanted: Cut) -> bytes:
    """Raises `NotLossless`, or libcst's ParserSyntaxError."""
    module = cst.parse_module(data)
    if module.bytes != data:
        raise NotLossless
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    surgeon = _Surgeon(wanted, wrapper.resolve(PositionProvider))
    return wrapper.module.visit(surgeon).bytes


class _Surgeon(cst.CSTTransformer):
    def __init__(self, wanted: Cut, places: object) -> None:
        super().__init__()
        self.wanted = wanted
        self.places: dict[cst.CSTNode, CodeRange] = places  # type: ignore[assignment]  # libcst's mapping is untyped
        self.path: list[str] = []
        self.gone: set[cst.CSTNode] = set()
        """Original statements to be left out."""
        self.instead: dict[cst.CSTNode, Sequence[Statement]] = {}

    def _line(self, node: cst.CSTNode) -> int:
        return self.places[node].start.line

    def _at(self, node: cst.CSTNode) -> tuple[int, int]:
        start = self.places[node].start
        return start.line, start.column

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.path.append(node.name.value)
            if ".".join(self.path) in self.wanted.names:
                self.gone.add(node)
        if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            line = self._line(node)
            if any(first <= line <= last for first, last in self.wanted.spans):
                self.gone.add(node)
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> object:  # type: ignore[override]
        # One node in, one node out: so that a block's statements stay in step with the original's.
        match updated_node:
            case cst.FunctionDef() | cst.ClassDef():
                self.path.pop()
            case cst.Import() | cst.ImportFrom():
                return self._imports(original_node, updated_node)
            case cst.SimpleStatementLine() | cst.SimpleStatementSuite():
                return self._small(original_node, updated_node)
            case cst.If() | cst.While():
                return self._branch(original_node, updated_node)
            case cst.Module() | cst.IndentedBlock():
                return self._block(original_node, updated_node)
            case _:
                pass
        return updated_node

    def _imports(self, original: cst.CSTNode, node: cst.Import | cst.ImportFrom) -> cst.CSTNode:
        line = self._line(original)
        wanted = {local for at, local in self.wanted.aliases if at == line}
        if not wanted or isinstance(node.names, cst.ImportStar):
            return node
        stay = [a for a in node.names if _local(a) not in wanted]
        if not stay:
            self.gone.add(original)
            return node
        if len(stay) == len(node.names):
            return node
        if stay[-1] is not node.names[-1]:
            stay[-1] = stay[-1].with_changes(comma=_closing(stay[-1].comma, node.names[-1].comma))
        return node.with_changes(names=stay)

    def _small(
        self, original: cst.CSTNode, node: cst.SimpleStatementLine | cst.SimpleStatementSuite
    ) -> cst.SimpleStatementLine | cst.SimpleStatementSuite:
        assert isinstance(original, cst.SimpleStatementLine | cst.SimpleStatementSuite)
        stay = [
            u for o, u in zip(original.body, node.body, strict=True) if o not in self.gone and not self._constant(o)
        ]
        if len(stay) == len(node.body):
            return node
        if not stay:
            self.gone.add(original)
            return node.with_changes(body=[cst.Pass()])
        last = stay[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(body=[*stay[:-1], last])

    def _constant(self, node: cst.BaseSmallStatement) -> bool:
        target = node.target if isinstance(node, cst.AnnAssign) else None
        if isinstance(node, cst.Assign) and len(node.targets) == 1:
            target = node.targets[0].target
        return not self.path and isinstance(target, cst.Name) and target.value in self.wanted.names

    def _branch(self, original: cst.CSTNode, node: cst.If | cst.While) -> cst.CSTNode:
        assert isinstance(original, cst.If | cst.While)
        if self._at(original) in self.wanted.elses:
            node = node.with_changes(orelse=None)
        below = original.orelse
        if isinstance(node, cst.If) and below is not None and self._at(below) in self.wanted.falses:
            assert isinstance(node.orelse, cst.If)
            node = node.with_changes(orelse=node.orelse.orelse)
        if self._at(original) in self.wanted.falses:
            self.gone.add(original)
            if isinstance(node.orelse, cst.Else) and isinstance(node.orelse.body, cst.IndentedBlock):
                self.instead[original] = [s for s in node.orelse.body.body if isinstance(s, Statement)]
            elif isinstance(node.orelse, cst.If):
                self.instead[original] = [node.orelse]
        return node

    def _block(self, original: cst.CSTNode, node: cst.Module | cst.IndentedBlock) -> cst.Module | cst.IndentedBlock:
        assert isinstance(original, cst.Module | cst.IndentedBlock)
        if not any(o in self.gone for o in original.body):
            return node
        stay: list[Statement] = []
        loose: list[cst.EmptyLine] = []
        first_gone = original.body[0] in self.gone
        for before, after in zip(original.body, node.body, strict=True):
            assert isinstance(after, Statement)
            if before in self.gone:
                if not self._spanned(before):
                    loose = _merged(loose, _loose(after))
                stay += self.instead.get(before, ())
                continue
            lines = _merged(loose, getattr(after, "leading_lines", ())) if loose else None
            if not stay and first_gone and not (isinstance(node, cst.Module) and node.header):
                lines = _without_blanks(lines or getattr(after, "leading_lines", ()))
            stay.append(after if lines is None else after.with_changes(leading_lines=lines))
            loose = []
        footer = [*(loose if any(line.comment for line in loose) else ()), *node.footer]
        if not stay and isinstance(node, cst.IndentedBlock):
            stay = [cst.SimpleStatementLine([cst.Pass()])]
        return node.with_changes(body=stay, footer=footer)

    def _spanned(self, node: cst.CSTNode) -> bool:
        return any(first <= self._line(node) <= last for first, last in self.wanted.spans)


def _local(alias: cst.ImportAlias) -> str:
    if alias.asname is not None:
        assert isinstance(alias.asname.name, cst.Name)
        return alias.asname.name.value
    return alias.evaluated_name.partition(".")[0]


def _closing(
    comma: cst.Comma | cst.MaybeSentinel, last: cst.Comma | cst.MaybeSentinel
) -> cst.Comma | cst.MaybeSentinel:
    """The comma of the alias that has become the last one: it closes the list as the former last one did."""
    if not isinstance(last, cst.Comma) or not isinstance(comma, cst.Comma):
        return last
    mine, closing = comma.whitespace_after, last.whitespace_after
    if isinstance(mine, cst.ParenthesizedWhitespace) and isinstance(closing, cst.ParenthesizedWhitespace):
        space = mine.with_changes(indent=closing.indent, last_line=closing.last_line)
        return comma.with_changes(whitespace_after=space)
    return last


def _loose(node: Statement) -> list[cst.EmptyLine]:
    """What stays of the lines above a statement: its blank lines, and comments that aren't attached to it
    (a blank line between, or a banner).
    """
    lines: list[cst.EmptyLine] = list(getattr(node, "leading_lines", ()))
    if not isinstance(node, cst.SimpleStatementLine) or not isinstance(
        node.body[0], cst.Import | cst.ImportFrom | cst.Pass
    ):
        while lines and lines[-1].comment is not None and not _BANNER.match(lines[-1].comment.value):
            lines.pop()
    return lines


def _merged(before: Sequence[cst.EmptyLine], after: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Lines above two statements, as lines above one: blank lines where they meet aren't added up."""
    end = len(before)
    while end and before[end - 1].comment is None:
        end -= 1
    start = next((i for i, line in enumerate(after) if line.comment is not None), len(after))
    return [*before[:end], *max(before[end:], after[:start], key=len), *after[start:]]


def _without_blanks(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Without the blank lines at the start."""
    return list(itertools.dropwhile(lambda line: line.comment is None, lines))
