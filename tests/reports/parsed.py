"""A real parse of a page, for asking what is on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "col", "br"})


@dataclass
class Element:
    """One start tag: its attributes, and all the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Parsed(HTMLParser):
    """Every element in document order; `stray` lists end tags that close nothing."""

    elements: list[Element] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute of {tag} is given twice: {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.stray.append(tag)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def handle_comment(self, data: str) -> None:
        self.stray.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of a tag that have these attributes."""
        return [e for e in self.elements if e.tag == tag and attributes.items() <= e.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} × {tag} {attributes}"
        return found[0]

    def has_class(self, name: str) -> list[Element]:
        """Elements with a class."""
        return [e for e in self.elements if name in e.attributes.get("class", "").split()]


def parse(page: str) -> Parsed:
    """Parse a page; everything it opens it must close."""
    parsed = Parsed()
    parsed.feed(page)
    parsed.close()
    assert not parsed.open, [element.tag for element in parsed.open]
    assert not parsed.stray, parsed.stray
    return parsed
