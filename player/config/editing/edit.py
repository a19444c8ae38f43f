"""Another value in a YAML text: only the characters of what differs are touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import yaml

from player.config.document import Location
from player.config.editing.tree import Alias, Tree, is_block
from player.config.editing.yaml_text import flow, key
from player.types import Json

Order = Callable[[Location], Sequence[str]]
"""The settings of a section in the order in which a file has them; empty if there is none."""
STEP = "  "


def same(one: Any, other: Any) -> bool:
    """Whether two values are one; true is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    return bool(one == other) and (numbers or type(one) is type(other))


def edited(text: str, old: Json, new: Json, order: Order) -> str:
    """`text`, which says `old`, so that it says `new`. Raises yaml.YAMLError where it is no YAML."""
    return _Edit(Tree(text), old, order).result(new)


class _Edit:
    """Compares what is there with what is wanted, and collects what is to be put in the place of what."""

    def __init__(self, tree: Tree, old: Json, order: Order) -> None:
        self._tree, self._old, self._order = tree, old, order
        self._splices: list[tuple[int, int, str]] = []
        self._padding: dict[tuple[int, int], int] = {}
        self._touched: set[int] = set()
        self._at: dict[int, Location] = {}

    def result(self, new: Json) -> str:
        """The new text."""
        text, root = self._tree.text, self._tree.root
        if isinstance(root, yaml.MappingNode) and (root.value or root.flow_style):
            self._locate(root, ())
            self._value(root, self._old, new, (), None)
            self._write_aliases_out()
        elif new:
            self._begin(root, "".join(self._lines(name, value, "") for name, value in new.items()))
        for (start, end), wider in self._padding.items():
            self._put(start, end, " " * max(2, end - start - wider))
        done = len(text)
        pieces: list[str] = []
        for start, end, piece in sorted(self._splices, key=lambda splice: splice[:2])[::-1]:
            pieces += [text[end:done], piece]
            done = start
        return text[:done] + "".join(reversed(pieces))

    def _begin(self, root: yaml.Node | None, lines: str) -> None:
        """The first settings of a file that has none."""
        text = self._tree.text
        start, end = (root.start_mark.index, root.end_mark.index) if root else (len(text), len(text))
        before = text[self._tree.line_start(start) : start]
        self._put(start, end, (self._tree.newline if before.strip() or before else "") + lines)

    def _put(self, start: int, end: int, piece: str) -> None:
        self._splices.append((start, end, piece))

    def _locate(self, node: yaml.Node, at: Location) -> None:
        """Note the key path of every node: what it says is then known, too."""
        self._at.setdefault(id(node), at)
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                self._locate(value, (*at, name.value))
        elif isinstance(node, yaml.SequenceNode):
            for n, value in enumerate(node.value):
                self._locate(value, (*at, n))

    def _value(
        self, node: yaml.Node, old: Any, new: Any, at: Location, name: yaml.Node | None, in_flow: bool = False
    ) -> None:
        """One value; `name` is its key, None for an item of a list."""
        if same(old, new):
            return
        self._touched.add(id(node))
        inner = in_flow or bool(getattr(node, "flow_style", False))
        both_maps = isinstance(old, dict) and isinstance(new, dict) and bool(new)
        if isinstance(node, yaml.MappingNode) and both_maps and self._keys(node, old, new, at, inner):
            return
        both_lists = isinstance(old, list) and isinstance(new, list)
        if isinstance(node, yaml.SequenceNode) and both_lists and self._items(node, old, new, at, inner):
            return
        self._replace(node, new, name, in_flow)

    def _replace(self, node: yaml.Node, new: Any, name: yaml.Node | None, in_flow: bool) -> None:
        tree, start, end = self._tree, int(node.start_mark.index), self._tree.end(node)
        self._touched |= set(map(id, _below(node)))
        text = flow(new, getattr(node, "style", None), in_flow)
        block = isinstance(node, yaml.CollectionNode) and is_block(node)
        if block and name is not None and "\n" in tree.text[name.end_mark.index : start]:
            # What stood on lines of its own now stands behind its key, where a comment may be, too.
            colon = tree.text.index(":", name.end_mark.index) + 1
            self._put(colon, colon, f" {text}")
            self._put(tree.line_start(start), tree.next_line(end), "")
            self._pad(colon, len(text) + 1)
            return
        if start == end:  # nothing stands there yet
            lead = "" if name is None or ":" in tree.text[name.end_mark.index : start] else ":"
            text = f"{lead} {text}"
        self._put(start, end, text)
        if "\n" not in tree.text[start:end]:
            self._pad(end, len(text) - (end - start))

    def _pad(self, end: int, wider: int) -> None:
        """Let the comment of a line stay in its column."""
        rest = self._tree.text[end : self._tree.line_end(end)]
        if found := re.match(r"[^\"'#]*?( {2,})#", rest):
            place = (end + found.start(1), end + found.end(1))
            self._padding[place] = self._padding.get(place, 0) + wider

    def _keys(self, node: yaml.MappingNode, old: Json, new: Json, at: Location, in_flow: bool) -> bool:
        """The entries of a map. False if that cannot be done entry by entry."""
        own = {name.value: (name, value) for name, value in node.value}
        gone = [name for name in old if name not in new]
        if len(gone) == len(node.value) or any(name not in own for name in gone):
            return False  # nothing is left of it, or what is to go comes from another map (<<)
        for name in [name for name in new if name in own and name in old]:
            self._value(own[name][1], old[name], new[name], (*at, name), own[name][0], in_flow)
        # Of what comes to the same place, the inner lines come first.
        for name, value in new.items():
            if not (name in own and name in old) and not (name in old and same(old[name], value)):
                self._insert(node, name, value, at, gone, in_flow)
        stays = [n for n, (name, _) in enumerate(node.value) if name.value not in gone]
        for n, (name, entry) in enumerate(node.value):
            if name.value in gone:
                self._touched |= set(map(id, _below(entry)))
                self._remove_key(node, n, in_flow, stays[0])
        return True

    def _insert(
        self, node: yaml.MappingNode, name: str, value: Any, at: Location, gone: list[str], in_flow: bool
    ) -> None:
        """A new entry, behind the one that comes before it in the usual order."""
        tree = self._tree
        order = list(self._order(at))
        before = order[: order.index(name)] if name in order else []
        kept = [(entry, held) for entry, held in node.value if entry.value not in gone]
        usual = [pair for pair in kept if pair[0].value in before]
        first, after = max(usual, key=lambda pair: before.index(pair[0].value)) if usual else kept[-1]
        if in_flow:
            written = f", {key(name, first.style)}: {flow(value, None, True)}"
            self._put(tree.end(after), tree.end(after), written)
            self._pad(tree.end(after), len(written))
            return
        column = node.value[0][0].start_mark.column
        end = tree.after_comments(tree.end(after), column)
        lines = self._lines(name, value, " " * column)
        apart = tree.newline if not at and isinstance(value, dict) else ""
        self._put(end, end, tree.newline + apart + lines.removesuffix(tree.newline))

    def _lines(self, name: str, value: Any, indent: str) -> str:
        """A new setting as lines: a section or a list of sections over several, all else on one."""
        nl = self._tree.newline
        if isinstance(value, dict) and value:
            inner = "".join(self._lines(each, held, indent + STEP) for each, held in value.items())
            return f"{indent}{key(name)}:{nl}{inner}"
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            inner = "".join(f"{indent}{STEP}- {flow(item)}{nl}" for item in value)
            return f"{indent}{key(name)}:{nl}{inner}"
        return f"{indent}{key(name)}: {flow(value)}{nl}"

    def _remove_key(self, node: yaml.MappingNode, n: int, in_flow: bool, first: int) -> None:
        """Take out an entry; `first` is the first that stays."""
        tree, (name, value) = self._tree, node.value[n]
        start, end = int(name.start_mark.index), tree.end(value)
        top = int(node.value[0][0].start_mark.index)
        if in_flow and n > first:
            self._put(tree.end(node.value[n - 1][1]), end, "")
        elif n < first and (in_flow or tree.text[tree.line_start(top) : top].strip()):
            if n == 0:  # what stays moves up behind the bracket, or the dash
                self._put(start, int(node.value[first][0].start_mark.index), "")
        else:
            comments = tree.after_comments(end, name.start_mark.column)
            self._put(tree.line_start(start), tree.next_line(comments), "")

    def _items(
        self, node: yaml.SequenceNode, old: list[Any], new: list[Any], at: Location, in_flow: bool
    ) -> bool:
        """The items of a list: those that stay at its beginning and end are not touched. False if none is."""
        if not old or not new:
            return False
        head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if not same(a, b)),
                    min(len(old), len(new)))  # fmt: skip
        tail = 0
        while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
            tail += 1
        was, will = range(head, len(old) - tail), range(head, len(new) - tail)
        for n, _ in zip(was, will, strict=False):
            self._value(node.value[n], old[n], new[n], (*at, n), None, in_flow)
        for n in reversed(was[len(will) :]):
            self._remove_item(node, n, in_flow, first=head + len(will) == 0)
        more = [new[n] for n in will[len(was) :]]
        if more:
            self._add_items(node, head + len(was), more, in_flow)
        return True

    def _add_items(self, node: yaml.SequenceNode, place: int, more: list[Any], in_flow: bool) -> None:
        """New items, before the one at `place`."""
        tree = self._tree
        if in_flow:
            style = getattr(node.value[0], "style", None)
            written = [flow(item, style, True) for item in more]
            end = tree.end(node.value[place - 1]) if place else int(node.value[0].start_mark.index)
            text = "".join(f", {item}" if place else f"{item}, " for item in written)
            self._put(end, end, text)
            self._pad(end, len(text))
            return
        dash = tree.dash(node.value[0])
        column = dash - tree.line_start(dash)
        indent, nl = " " * column, tree.newline
        if place:
            end = tree.after_comments(tree.end(node.value[place - 1]), column)
            self._put(end, end, "".join(f"{nl}{indent}- {flow(item)}" for item in more))
        else:
            self._put(dash, dash, "".join(f"- {flow(item)}{nl}{indent}" for item in more))

    def _remove_item(self, node: yaml.SequenceNode, n: int, in_flow: bool, first: bool) -> None:
        """Take out an item; `first` if none that stays comes before it."""
        tree, item = self._tree, node.value[n]
        self._touched |= set(map(id, _below(item)))
        end = tree.end(item)
        if in_flow:
            start = int(item.start_mark.index)
            span = (
                (start, int(node.value[n + 1].start_mark.index))
                if first
                else (tree.end(node.value[n - 1]), end)
            )
            self._put(*span, "")
            self._pad(span[1], span[0] - span[1])
            return
        dash = tree.dash(item)
        start = tree.line_start(dash)
        if tree.text[start:dash].strip():  # a list in a list, on one line
            self._put(dash, tree.dash(node.value[n + 1]) if n + 1 < len(node.value) else end, "")
        else:
            self._put(start, tree.next_line(tree.after_comments(end, dash - start)), "")

    def _write_aliases_out(self) -> None:
        """What an alias stands for stays as it was, where that changes."""
        for alias in self._tree.aliases:
            start, end = int(alias.start_mark.index), int(alias.end_mark.index)
            inside = any(first <= start and end <= last for first, last, _ in self._splices if first < last)
            if id(alias.target) in self._touched and id(alias) not in self._touched and not inside:
                self._put(start, end, flow(_found(self._old, self._at[id(alias.target)]), None, True))


def _below(node: yaml.Node) -> Iterator[yaml.Node]:
    """A node and all within it."""
    yield node
    if isinstance(node, Alias):
        return
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield name
            yield from _below(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _below(value)


def _found(values: Any, at: Location) -> Any:
    """What stands at a key path, as text that can be written."""
    for part in at:
        values = values[part]
    return values.isoformat() if isinstance(values, date) else values
