from __future__ import annotations

import pytest
from pydantic import ValidationError

from audit.adapters.base import Adapter
from audit.adapters.chat_sse import KIND as CHAT
from audit.adapters.kind import AdapterKind, AdapterOptions, Path


class Options(AdapterOptions):
    path: Path = "/"


def test_configure_validates_then_builds() -> None:
    built: list[Options] = []

    def build(options: Options) -> Adapter:
        built.append(options)
        return CHAT.configure({})

    kind = AdapterKind("x", "X", Options, build)
    assert kind.configure({"path": "/chat"}).id == "chat-sse"
    assert built == [Options(path="/chat")]


def test_every_wrong_option_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        CHAT.configure({"pth": "/x", "path": "x", "done_marker": "perhaps"})
    assert {error["loc"] for error in caught.value.errors()} == {("pth",), ("path",), ("done_marker",)}


@pytest.mark.parametrize("path", ["", "chat", "https://example.org/chat", "/a b", "/a\n"])
def test_a_path_is_relative_to_the_target(path: str) -> None:
    with pytest.raises(ValidationError):
        Options(path=path)


def test_options_are_immutable() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Options().__setattr__("path", "/other")
