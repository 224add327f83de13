"""Markdown as agents write it, in the dialect of a platform.

What it is for: in Rocket.Chat one star means bold, so emphasis becomes ``_i_`` and bold ``*b*``; in
Pachca bold has two. Tables become code; ``@all`` and ``@here`` address nobody. What it must not do:
lose a word.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tolmach.errors import ConfigError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["harmless", "require", "to_pachca", "to_rocketchat"]

_BROADCAST = re.compile(r"@(?=(?:all|here|channel|everyone)(?![\w-]))", re.IGNORECASE)
_NEXT_LINE = re.compile(r"(?<=\n)(?=[^\n])")
_WORD_JOINER = "\u2060"
_USER = re.compile(r"<@(?=\d+>)")
_ROCKETCHAT: Final = {"strong": "*", "em": "_", "s": "~"}
_PACHCA: Final = {"strong": "**", "em": "_", "s": "~~"}


def require() -> None:
    """Raise ConfigError unless the Markdown parser is installed."""
    _parser()


def to_rocketchat(markdown: str) -> str:
    """Return Markdown in Rocket.Chat's dialect, with broadcast tokens made harmless."""
    if not markdown.strip():
        return ""
    return harmless(_Writer(_ROCKETCHAT).blocks(_parser().parse(markdown)))


def to_pachca(markdown: str) -> str:
    """Return Markdown in Pachca's dialect, with broadcast tokens and mentions by id made harmless.

    Source: https://dev.pachca.com/guides/text-formatting
    """
    if not markdown.strip():
        return ""
    text = harmless(_Writer(_PACHCA).blocks(_parser().parse(markdown)))
    return _USER.sub("<@" + _WORD_JOINER, text)


def harmless(text: str) -> str:
    """Return the text with an invisible character inside ``@all`` and its like, code included.

    The server looks for them in code as well.
    """
    return _BROADCAST.sub("@" + _WORD_JOINER, text)


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise ConfigError(
            "rendering Markdown needs the gateway extra", remedy="pip install 'tolmach[gateway]'"
        ) from None
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Keeps escapes as tokens of their own, so that \* stays a star that is no mark.
    # A reference definition would vanish, and with it a line that begins like one.
    return parser.disable(["text_join", "reference"])


class _Writer:
    """Write one dialect; ``marks`` are those of strong, em and s."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        self._marks = marks

    def blocks(self, tokens: Sequence["Token"]) -> str:
        """Return a sequence of blocks, separated by blank lines, tight lists without."""
        parts: list[str] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            end = _end(tokens, at)
            parts.append(self._block(token, tokens[at + 1 : end]))
            at = end + 1
        return "\n\n".join(part for part in parts if part)

    def _block(self, token: "Token", inside: Sequence["Token"]) -> str:
        match token.type:
            case "paragraph_open":
                return self._inlines(inside)
            case "heading_open":
                return f"{'#' * min(4, int(token.tag[1:]))} {self._inlines(inside).replace(chr(10), ' ')}"
            case "blockquote_open":
                return "\n".join(f"> {line}".rstrip() for line in self.blocks(inside).split("\n"))
            case "bullet_list_open":
                return self._list(inside, None)
            case "ordered_list_open":
                return self._list(inside, int(token.attrGet("start") or 1))
            case "fence":
                mark = token.markup if token.markup.startswith("`") else "```"
                return f"{mark}{token.info.strip()}\n{token.content.removesuffix(chr(10))}\n{mark}"
            case "code_block":
                return f"```\n{token.content.removesuffix(chr(10))}\n```"
            case "table_open":
                return _table(inside)
            case "hr":
                return "---"
            case "inline":
                return self._inline(token.children or [])
            case _:
                return token.content.strip("\n")

    def _inlines(self, tokens: Sequence["Token"]) -> str:
        return "".join(self._inline(token.children or []) for token in tokens if token.type == "inline")

    def _list(self, tokens: Sequence["Token"], first: int | None) -> str:
        items: list[str] = []
        loose = False
        at = 0
        while at < len(tokens):
            end = _end(tokens, at)
            inside = tokens[at + 1 : end]
            tight = all(
                token.hidden
                for token in inside
                if token.type == "paragraph_open" and token.level <= tokens[at].level + 1
            )
            loose = loose or not tight
            mark = "- " if first is None else f"{first + len(items)}. "
            text = self.blocks(inside) if not tight else self._tight(inside)
            items.append(mark + _NEXT_LINE.sub(" " * len(mark), text))
            at = end + 1
        return ("\n\n" if loose else "\n").join(items)

    def _tight(self, tokens: Sequence["Token"]) -> str:
        parts: list[str] = []
        at = 0
        while at < len(tokens):
            end = _end(tokens, at)
            parts.append(self._block(tokens[at], tokens[at + 1 : end]))
            at = end + 1
        return "\n".join(part for part in parts if part)

    def _inline(self, tokens: Sequence["Token"]) -> str:
        out: list[str] = []
        links: list[tuple[str, int]] = []
        for token in tokens:
            kind = token.type.removesuffix("_open").removesuffix("_close")
            if kind in self._marks:
                out.append(self._marks[kind])
                continue
            match token.type:
                case "text":
                    out.append(token.content)
                case "text_special":
                    # An escaped mark stays escaped; an entity becomes its character.
                    out.append(
                        token.markup if token.info == "escape" and token.content in "*_~`" else token.content
                    )
                case "softbreak" | "hardbreak":
                    out.append("\n")
                case "code_inline":
                    out.append(f"{token.markup}{_padded(token.content)}{token.markup}")
                case "link_open":
                    links.append((str(token.attrGet("href") or ""), len(out)))
                case "link_close":
                    url, since = links.pop()
                    text = "".join(out[since:])
                    del out[since:]
                    bare = text in {url, url.removeprefix("mailto:")} or not text
                    out.append((text or url) if bare else f"[{text}]({url})")
                case "image":
                    out.append(f"[{token.content or 'image'}]({token.attrGet('src') or ''})")
                case _:
                    out.append(token.content)
        return "".join(out)


def _end(tokens: Sequence["Token"], start: int) -> int:
    """Return where the block that begins at ``start`` ends."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _table(tokens: Sequence["Token"]) -> str:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append("".join(_plain(child) for child in token.children or []))
    widths = [
        max((len(row[column]) for row in rows if column < len(row)), default=0)
        for column in range(len(rows[0]))
    ]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    body = "\n".join(lines)
    return f"```\n{body}\n```"


def _plain(token: "Token") -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.type == "link_close":
        return ""
    return token.content


def _padded(code: str) -> str:
    """Return code with the blank that keeps its own backticks apart from the marks around it."""
    return f" {code} " if code.startswith("`") or code.endswith("`") else code
