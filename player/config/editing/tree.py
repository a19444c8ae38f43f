"""The nodes of a YAML text with the places at which they stand in it."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import yaml

from player.config.document import Loader


class Alias(yaml.Node):
    """An alias (*) where it stands; `target` is what it stands for."""

    def __init__(self, start: Any, end: Any, target: yaml.Node) -> None:
        self.target = target
        super().__init__(target.tag, target.value, start, end)


class _Composer(Loader):
    """Keeps aliases apart from what they stand for, and notes the dashes of lists."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.aliases: list[Alias] = []
        self.dashes: list[int] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if not isinstance(event, yaml.AliasEvent):
            return super().compose_node(parent, index)
        target = super().compose_node(parent, index)
        assert target is not None
        self.aliases.append(Alias(event.start_mark, event.end_mark, target))
        return self.aliases[-1]

    def fetch_block_entry(self) -> None:
        self.dashes.append(self.index)
        super().fetch_block_entry()


class Tree:
    """A YAML text that can be read, as nodes."""

    def __init__(self, text: str) -> None:
        composer = _Composer(text)
        self.text = text
        self.root: yaml.Node | None = composer.get_single_node()
        self.aliases, self._dashes = composer.aliases, composer.dashes
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def end(self, node: yaml.Node) -> int:
        """Where a value ends; YAML's own mark may lie behind the comments that follow it."""
        if isinstance(node, Alias) or not is_block(node):
            return int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode):
            return len(self.text[: node.end_mark.index].rstrip())
        last = node.value[-1]
        return self.end(last[1] if isinstance(last, tuple) else last)

    def dash(self, item: yaml.Node) -> int:
        """Where the dash of an item of a block list stands."""
        return self._dashes[bisect_left(self._dashes, item.start_mark.index) - 1]

    def line_start(self, index: int) -> int:
        """Where the line of a place begins."""
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """Where the line of a place ends, before its line break."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - (self.text[index:end].endswith("\r"))

    def next_line(self, index: int) -> int:
        """Where the line after that of a place begins."""
        end = self.text.find("\n", index)
        return len(self.text) if end < 0 else end + 1

    def after_comments(self, index: int, column: int) -> int:
        """The end of the last line of comment that goes on, further right than `column`, what a line says."""
        end = self.line_end(index)
        while (start := self.next_line(end)) < len(self.text):
            line = self.text[start : self.line_end(start)]
            if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= column:
                break
            end = self.line_end(start)
        return end


def is_block(node: yaml.Node) -> bool:
    """Whether it is written over lines, without brackets or quotes."""
    if isinstance(node, yaml.ScalarNode):
        return node.style in ("|", ">")
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)
