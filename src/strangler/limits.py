"""The limits of the work: each with its name, default, unit and what it guards, here and nowhere else.

What costs more than a limit is cut short, and a diagnostic says where and by which one. They bound the work;
how precisely values are followed (how many values one name may have, ...) is no matter of limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, get_type_hints

import msgspec


def _of(unit: str, guards: str, least: int = 1, most: int | None = None) -> msgspec.Meta:
    return msgspec.Meta(ge=least, le=most, description=guards, extra={"unit": unit})


_FILE = 1 << 30
_DAY = 86_400


class Limits(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """``[tool.strangler.limits]``."""

    # Reading: to parse a file takes up to 200 times its size.
    file_bytes: Annotated[int, _of("bytes", "a file; a larger one is left out", most=_FILE)] = 1_000_000
    data_files: Annotated[int, _of("files", "the files of rows (`fixtures/*.json`)")] = 200
    data_file_bytes: Annotated[int, _of("bytes", "one of them; it is left out", most=_FILE)] = 2_000_000
    # Interpreting, in steps: a statement, or what costs as much.
    run_steps: Annotated[int, _of("steps", "everything, beside the next")] = 1_000_000
    run_steps_per_line: Annotated[int, _of("steps", "everything, for each line of code")] = 60
    module_steps: Annotated[int, _of("steps", "the top level of one module")] = 500_000
    function_steps: Annotated[int, _of("steps", "one function, or one script, and what it calls")] = 60_000
    call_steps: Annotated[int, _of("steps", "one function, called in many ways")] = 20_000
    call_depth: Annotated[int, _of("calls", "calls within one another", most=100)] = 24
    recursion: Annotated[int, _of("calls", "calls of one function within one another", most=50)] = 8
    loop_items: Annotated[int, _of("elements", "a loop (in a function a tenth of it)", 10)] = 3_000
    container_items: Annotated[int, _of("items", "a list, set or dict that grows by another")] = 5_000
    string_characters: Annotated[int, _of("characters", "a string that is put together")] = 65_536
    # What applications are made of.
    ancestors: Annotated[int, _of("classes", "the classes above one class")] = 1_000
    startup_hooks: Annotated[int, _of("hooks", "hooks at start-up that hooks there add")] = 200
    url_entries: Annotated[int, _of("entries", "the URL table of one application")] = 20_000
    url_depth: Annotated[int, _of("tables", "URL tables included in one another", most=200)] = 100
    # Extracting.
    extract_nodes: Annotated[int, _of("nodes", "the syntax that `extract` takes apart")] = 200_000
    extract_bytes: Annotated[int, _of("bytes", "the files beside the code that it copies")] = 1 << 28
    # Answers of an application.
    answer_bytes: Annotated[
        int, _of("bytes", "an answer to `record`, decompressed; a larger one is left out", most=1 << 28)
    ] = 1 << 23
    answer_seconds: Annotated[
        int, _of("seconds", "an answer to `record` or `verify`, and half of it one read", 2, _DAY)
    ] = 60
    answer_levels: Annotated[
        int, _of("levels", "JSON of an answer; what is deeper is kept by its hash", most=200)
    ] = 100
    answer_values: Annotated[
        int, _of("values", "JSON of an answer, or lines; what has more is kept by its hash", most=10_000_000)
    ] = 100_000
    recording_bytes: Annotated[int, _of("bytes", "the answers that one recording keeps", most=1 << 32)] = (
        1 << 26
    )
    # Git, and time.
    git_seconds: Annotated[int, _of("seconds", "git, listing commits or files", most=_DAY)] = 120
    git_bytes: Annotated[
        int, _of("bytes", "what git lists at once, and a third of its memory", most=1 << 32)
    ] = 1 << 28
    revision_bytes: Annotated[
        int, _of("bytes", "the files of a commit that `check --against` reads", most=1 << 36)
    ] = 1 << 30
    git_lookup_seconds: Annotated[int, _of("seconds", "git, looking up a commit", most=_DAY)] = 15
    cpu_seconds: Annotated[int, _of("seconds", "the CPU of the process (0: no limit)", 0, _DAY)] = 0

    def named(self, field: str) -> str:
        """What a message says of the limit that was hit."""
        return f"limit {key(field)}: {getattr(self, field):,}"


class Row(NamedTuple):
    """A line of the table."""

    name: str
    value: int
    default: int
    unit: str
    guards: str


def key(field: str) -> str:
    """The name of a limit, as it is written in settings and messages."""
    return field.replace("_", "-")


def table(limits: Limits) -> Iterator[Row]:
    """All limits with what holds in ``limits``."""
    hints = get_type_hints(Limits, include_extras=True)
    for field in msgspec.structs.fields(Limits):
        meta: Any = hints[field.name].__metadata__[0]
        value = getattr(limits, field.name)
        yield Row(field.encode_name, value, field.default, meta.extra["unit"], meta.description)


DEFAULT = Limits()
