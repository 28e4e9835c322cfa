"""YAML for people: keys in the order given, long texts folded, every odd character escaped."""

from __future__ import annotations

from typing import Any


def dump(value: dict[str, Any]) -> bytes:
    """A document as UTF-8, the same bytes for the same value; aliases are written out."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

    def text_of(dumper: Any, data: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)

    Plain.add_representer(str, text_of)
    text: str = yaml.dump(value, Dumper=Plain, sort_keys=False, allow_unicode=False, width=100)
    return text.encode()
