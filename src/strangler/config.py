"""Configuration: ``[tool.strangler]`` in pyproject.toml, or strangler.toml, of the analysed project.

The file is read as data (it is part of an untrusted tree): it can narrow or guide the analysis and never
names a program, a path to write to or a place to fetch from. Keys are kebab-case; an unknown one is an error
with the nearest known name.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec

from strangler import files
from strangler.limits import Limits
from strangler.model.system import Role
from strangler.spelling import did_you_mean

MAX_CONFIG_BYTES = 1_000_000


class ConfigError(ValueError):
    """The configuration cannot be used; the message names the file, the key and what to do."""


class Section(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """Base of all sections."""


class ContextsConfig(Section, frozen=True, kw_only=True):
    """``[tool.strangler.contexts]``: what guides the proposal; decisions are in strangler-boundaries.toml."""

    pin: dict[str, tuple[str, ...]] = {}
    """Context name -> modules, packages (``shop.billing``) or tables (``table:orders_order``) in it."""
    apart: tuple[tuple[str, str], ...] = ()
    """Pairs of modules or packages that must not share a context."""
    join: tuple[tuple[str, str], ...] = ()
    """Pairs of modules or packages that must share a context."""
    shared: tuple[str, ...] = ()
    """Modules or packages that belong to the shared kernel."""
    count: int | None = None
    """Number of contexts wanted."""
    size: int | None = None
    """Modules wanted in a typical context."""


GroupBy = Literal["commit", "ticket", "author-day"]


class HistoryConfig(Section, frozen=True, kw_only=True):
    """``[tool.strangler.history]``: which commits count for change coupling."""

    since: str = "auto"
    """Window, back from the analysed commit: ``3 years``, ``18 months``, a date, or ``all``; ``auto``: three
    years, or all where these have few commits."""
    max_files: int = 30
    """A commit over more first-party files than this is a bulk change and left out."""
    bots: tuple[str, ...] = ()
    """Author names or addresses (shell patterns) left out besides the usual bots."""
    ignore_revs: tuple[str, ...] = ()
    """Commits left out by their hash (at least 7 digits)."""
    group_by: GroupBy = "commit"
    """Which one-file commits are read as one change: none (``commit``), those with the same ticket in their
    subject (``ticket``), or those of one author on one day (``author-day``)."""


class CheckConfig(Section, frozen=True, kw_only=True):
    """``[tool.strangler.check]``: what a CI job demands."""

    min_resolved: float = 0.0
    """Least share of references that must be resolved, 0 to 1; below it the exit code is 3."""
    min_endpoints: float = 0.0
    """Least share of the endpoints found in all that may be there, as the ledger counts them (0 to 1)."""
    min_tables: float = 0.0
    """The same of tables."""
    min_accesses: float = 0.0
    """The same of accesses to tables."""
    max_unparsed: int | None = None
    """Most first-party files that may fail to parse; above it the exit code is 3."""


class Config(Section, frozen=True, kw_only=True):
    """``[tool.strangler]``."""

    roots: tuple[str, ...] = ()
    """Import roots relative to the analysed tree (``src``, ``backend``); empty: found by themselves."""
    exclude: tuple[str, ...] = ()
    """Shell patterns of paths, relative to the analysed tree, that are not analysed."""
    roles: dict[str, Role] = {}
    """Shell pattern of paths -> role of these files (``code``, ``test``, ``vendored``, ...) whose names
    mislead; the first that matches counts."""
    source_url: str | None = None
    """Link template for source lines: ``https://host/org/repo/blob/{revision}/{path}#L{line}``."""
    excerpts: bool = True
    """Whether the report carries the source lines of the places that it names."""
    contexts: ContextsConfig = ContextsConfig()
    history: HistoryConfig = HistoryConfig()
    check: CheckConfig = CheckConfig()
    limits: Limits = Limits()


def load(root: Path, overrides: Iterable[str] = (), *, isolated: bool = False) -> Config:
    """The configuration for the tree at ``root``.

    Args:
        root: the analysed tree; its strangler.toml wins over its pyproject.toml.
        overrides: each a TOML file to read instead of the tree's own, or ``KEY=VALUE`` with a TOML value
            (``history.since="1 year"``), applied in order.
        isolated: ignore the tree's own files.

    Raises:
        ConfigError: an unreadable file, or any unknown key or unfit value, all listed at once.
    """
    files = [item for item in overrides if "=" not in item]
    if len(files) > 1:
        raise ConfigError(f"--config names {len(files)} files ({', '.join(files)}); give one")
    if files:
        origin, raw = files[0], _read_table(Path(files[0]), must_exist=True)
    elif isolated:
        origin, raw = "defaults", {}
    else:
        origin, raw = _discover(root)
    problems = list(_unknown_keys(raw, Config, ()))
    for item in overrides:
        if "=" in item:
            _override(raw, item)
            new = [problem for problem in _unknown_keys(raw, Config, ()) if problem not in problems]
            if new and not problems:
                origin = f"--config {item}"
            problems += new
    if problems:
        raise ConfigError(f"{origin}: " + "\n".join(problems))
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{origin}: {_readable(error)}") from error
    _check_values(config, origin)
    return config


def dump(config: Config) -> str:
    """The settings in force as TOML-like lines, one ``key = value`` a line, for ``--show-settings``."""
    return "\n".join(f"{key} = {value}" for key, value in _flatten(msgspec.to_builtins(config), ())) + "\n"


def _discover(root: Path) -> tuple[str, dict[str, Any]]:
    own = root / "strangler.toml"
    if _is_plain_file(own):
        return str(own), _read_table(own, must_exist=True)
    project = root / "pyproject.toml"
    if _is_plain_file(project):
        return str(project), _read_table(project, must_exist=False)
    return "defaults", {}


def _is_plain_file(path: Path) -> bool:
    """A link could point at any file of the machine, and a parse error would quote it: links are not read."""
    return path.is_file() and not path.is_symlink()


def _read_table(path: Path, *, must_exist: bool) -> dict[str, Any]:
    """The strangler table of a TOML file; a broken or huge pyproject.toml is not ours."""
    try:
        data = files.read(path, MAX_CONFIG_BYTES + 1)
        if len(data) > MAX_CONFIG_BYTES and must_exist:
            raise ConfigError(f"{path}: larger than {MAX_CONFIG_BYTES} bytes; not a configuration file")
        document = tomllib.loads(data.decode("utf-8-sig")) if len(data) <= MAX_CONFIG_BYTES else {}
    except (OSError, ValueError, RecursionError) as error:  # also numbers of 5,000 digits
        if must_exist:
            raise ConfigError(f"{path}: cannot be read as TOML: {error}") from error
        return {}
    if path.name == "pyproject.toml" or "tool" in document:
        tools = document.get("tool", {})
        if not isinstance(tools, dict):
            if must_exist:
                raise ConfigError(f"{path}: [tool] must be a table")
            return {}
        document = tools.get("strangler", {})
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: [tool.strangler] must be a table")
    return document


def _override(raw: dict[str, Any], item: str) -> None:
    key, _, text = item.partition("=")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text.strip()  # a bare word is a string, as in a shell
    try:
        item.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"--config {item!r}: is no UTF-8") from error
    if isinstance(value, datetime.date):
        value = text.strip()
    *parents, last = [part.strip() for part in key.strip().split(".")]
    table = raw
    for part in parents:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--config {item}: {part} is not a table")
    table[last] = value


def _unknown_keys(
    raw: Mapping[str, Any], section: type[msgspec.Struct], prefix: tuple[str, ...]
) -> Iterable[str]:
    fields = {field.encode_name: field.name for field in msgspec.structs.fields(section)}
    hints = get_type_hints(section)
    for key, value in raw.items():
        dotted = ".".join((*prefix, key))
        if key not in fields:
            yield f"unknown key {dotted!r}; {did_you_mean(key.replace('_', '-'), sorted(fields))}"
            continue
        kind = hints[fields[key]]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, Mapping):
            yield from _unknown_keys(value, kind, (*prefix, key))


def _check_values(config: Config, origin: str) -> None:
    if config.source_url is not None and (problem := problem_of_template(config.source_url)):
        raise ConfigError(f"{origin}: {problem}")
    for name in ("min_resolved", "min_endpoints", "min_tables", "min_accesses"):
        if not 0 <= getattr(config.check, name) <= 1:
            raise ConfigError(f"{origin}: check.{name.replace('_', '-')} must lie between 0 and 1")
    if config.history.max_files < 2:
        raise ConfigError(f"{origin}: history.max-files must be at least 2")
    for name, number in (("count", config.contexts.count), ("size", config.contexts.size)):
        if number is not None and number < 1:
            raise ConfigError(f"{origin}: contexts.{name} must be at least 1")


def problem_of_template(source_url: str) -> str:
    """What is wrong with a link template; empty if nothing is."""
    try:
        parts = urlsplit(source_url)
    except ValueError as error:
        return f"source-url is no address: {error}"
    if "@" in parts.netloc:
        return "source-url must hold no name and no password: every report would tell them"
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return f"source-url must begin with http:// or https:// and a host, not {source_url[:80]!r}"
    if "{path}" not in source_url:
        return f"source-url must contain {{path}} (and {{revision}}, {{line}}), not {source_url[:80]!r}"
    if "{" in parts.netloc:
        return "source-url must not take its host from the code base"
    return ""


def _readable(error: msgspec.ValidationError) -> str:
    """msgspec's "... - at `$.history.max-files`" with our key names in front."""
    what, _, where = str(error).partition(" - at `$")
    return f"{where.strip('.`')}: {what}" if where else what


def _flatten(value: Any, prefix: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _flatten(item, (*prefix, key))
    else:
        yield ".".join(prefix), msgspec.json.encode(value).decode() if value is not None else "(none)"
