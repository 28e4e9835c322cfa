"""The module of one context's seam: port, local and HTTP adapter, switch, and functions to call."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Sequence

from strangler.contracts.operations import Operation, Parameter, slug
from strangler.contracts.seams.hints import codec, codec_of_object, hint, modules
from strangler.literals import python_text
from strangler.model import Passing
from strangler.model.lookup import last, parent

WIDTH = 88


def seam_module(provider: str, operations: Sequence[Operation]) -> str:
    """The source of ``<seams>/<provider>.py``; valid from Python 3.8 on."""
    name = slug(provider)
    title = "".join(part.capitalize() for part in name.split("_"))
    parts = [
        f'"""What other contexts call of {name}.\n\n'
        f"The calls stay in this process unless SEAM_{name.upper()}_URL names the service that does them.\n"
        '"""\n\nfrom __future__ import annotations\n\n' + _imports(operations),
        "FALLBACKS: dict[str, Callable[..., Any]] = {}\n"
        '"""Name of an operation -> what to call with its arguments when the service does not answer."""\n',
        *(_descriptor(operation) for operation in operations),
        "OPERATIONS = (\n" + "".join(f"    {_constant(item)},\n" for item in operations) + ")\n",
        _port(title, name, operations),
        _local(title, operations),
        _http(title, operations),
        *(_undo(name, operations) if any(item.step for item in operations) else ()),
        f"LOCAL: {title} = Local{title}()\n",
        f"def _port() -> {title}:\n"
        f'    """The functions of this process, or the service at SEAM_{name.upper()}_URL."""\n'
        f'    url = os.environ.get("SEAM_{name.upper()}_URL")\n'
        f'    return Http{title}(client.remote("{name}", url, FALLBACKS)) if url else LOCAL\n',
        *(
            (
                f"def _port_of(row: Any, path: str) -> {title}:\n"
                f'    """The same; whatever is no row of that class answers for itself."""\n'
                f"    return _port() if wire.is_row(row, path) else LOCAL\n",
            )
            if any(item.row for item in operations)
            else ()
        ),
        *(_function(operation) for operation in operations),
    ]
    head, rest = parts[: 2 + len(operations) + 1], parts[2 + len(operations) + 1 :]
    return "\n".join(head) + "\n\n" + "\n\n".join(rest)


def _imports(operations: Sequence[Operation]) -> str:
    needed: set[str] = set()
    for operation in operations:
        for parameter in operation.parameters:
            needed |= modules(parameter.shape)
        needed |= modules(operation.result.shape)
    own = sorted(item[1:] for item in needed if item.startswith(":"))
    plain = sorted({item for item in needed if not item.startswith(":")} - {"Any", "Iterable"} | {"os"})
    lines = [f"import {item}" for item in plain]
    checking = ["TYPE_CHECKING"] if own else []
    typed = [*checking, "Any", "Callable", *sorted({"Iterable"} & needed), "Protocol"]
    lines.append(f"from typing import {', '.join(typed)}")
    waiting = any(item.step and item.step.mode == "before" for item in operations)
    saga = any(item.step for item in operations)
    heard = any(item.heard for item in operations)
    lines += ["", f"from . import client, {'relay, ' if heard else ''}wire"]
    lines += ["from . import compensations as _compensations"] if waiting else []
    lines += ["from . import saga as _saga"] if saga else []
    if any(_default(item) == "wire.UNSET" for operation in operations for item in operation.parameters):
        lines += ["from .wire import given as _given"]
    if own:
        lines += ["", "if TYPE_CHECKING:", *(f"    import {module}" for module in own)]
    return "\n".join(lines) + "\n"


def _constant(operation: Operation) -> str:
    return f"_op_{operation.name}"


def _descriptor(operation: Operation) -> str:
    lines = [f"{_constant(operation)} = wire.Operation(", f"    {python_text(operation.name)},"]
    arguments = [f"{python_text(item.name)}: {_codec(operation, item)}" for item in operation.parameters]
    lines += _mapping(arguments)
    unused = operation.unused or (operation.step is not None and operation.step.mode == "after")
    lines.append("    wire.NOTHING," if unused else f"    {codec(operation.result.shape)},")
    lines += _mapping(
        f"{python_text(item.code)}: wire.Failure({item.status}, {python_text(item.exception)})"
        for item in operation.failures
    )
    if operation.safe:
        lines.append("    safe=True,")
    optional = [python_text(item.name) for item in operation.parameters if not item.required]
    if optional:
        lines.append(f"    optional=({', '.join(optional)}{',' if len(optional) == 1 else ''}),")
    for item in operation.parameters:
        if item.passing in _STARS:
            word = "rest" if item.passing == "var_positional" else "options"
            lines.append(f"    {word}={python_text(item.name)},")
    if operation.is_async:
        lines.append("    coroutine=True,")
    if operation.row is not None:
        lines.append(f"    receiver={python_text(operation.row.parameter)},")
        lines += ["    changes=True,"] if operation.row.changes else []
    if operation.changed:
        names = "".join(f"{python_text(item.parameter)}, " for item in operation.changed)
        lines.append(f"    rows=({names.rstrip()}),")
    return "\n".join([*lines, ")\n"])


def _codec(operation: Operation, parameter: Parameter) -> str:
    if parameter.passing == "var_positional":
        return f"wire.rest_of({codec(parameter.shape.items[0])})"
    held = [*([operation.row] if operation.row is not None else []), *operation.changed]
    row = next((item for item in held if item.parameter == parameter.name), None)
    if row is None:
        return codec(parameter.shape)
    text = codec_of_object(parameter.shape, row, step=operation.step is not None)
    return f"wire.optional({text})" if parameter.shape.nullable else text


def _mapping(items: Iterable[str]) -> list[str]:
    items = list(items)
    short = f"    {{{', '.join(items)}}},"
    return [short] if len(short) <= WIDTH else ["    {", *(f"        {item}," for item in items), "    },"]


def _port(title: str, name: str, operations: Sequence[Operation]) -> str:
    body = "\n".join(
        textwrap.indent(_signature(operation, method=True) + " ...\n", "    ") for operation in operations
    )
    return f'class {title}(Protocol):\n    """The operations of {name} that others call."""\n\n{body}'


def _local(title: str, operations: Sequence[Operation]) -> str:
    methods = []
    for operation in operations:
        first, _, rest = operation.qualname.partition(".")
        bound = f"{first}_" if first in _names(operation) else first
        target = f"{bound}.{rest}" if rest else bound
        lines = [_signature(operation, method=True)]
        if operation.row is not None:
            target = f"{operation.row.parameter}.{last(operation.qualname)}"
        else:
            lines += [
                f"    from {operation.module} import {first}" + (f" as {bound}" if bound != first else ""),
                "",
            ]
        unset = [item for item in operation.parameters if _default(item) == "wire.UNSET"]
        passed = [
            _passed(item)
            if item.passing == "var_positional"
            or (item.passing != "keyword_only" and (item.required or not unset))
            else f"{item.name}={item.name}"  # by name, as a parameter before it may be left out
            for item in operation.parameters
            if item not in unset
            and item.passing != "var_keyword"
            and (operation.row is None or item.name != operation.row.parameter)
        ]
        if unset:
            given = ", ".join(f"{python_text(item.name)}: {item.name}" for item in unset)
            passed.append(f"**_given({{{given}}})")
        passed += [_passed(item) for item in operation.parameters if item.passing == "var_keyword"]
        if operation.heard:
            target = f"relay.here({target})"
        lines.append(_call(f"    return {_awaited(operation)}{target}", passed))
        methods.append(textwrap.indent("\n".join(lines) + "\n", "    ", lambda line: line.strip() != ""))
    body = "\n".join(methods)
    doc = "In this process. The functions are looked up when they are called: their modules import seams."
    return f'class Local{title}:\n    """{doc}"""\n\n{body}'


def _names(operation: Operation) -> set[str]:
    return {item.name for item in operation.parameters} | {"self", "_given"}


def _http(title: str, operations: Sequence[Operation]) -> str:
    methods = []
    for operation in operations:
        arguments = ", ".join(f"{python_text(item.name)}: {item.name}" for item in operation.parameters)
        given = [_constant(operation), f"{{{arguments}}}"]
        if operation.step is None:
            verb = "later" if operation.is_async else "call"
            call = _call(f"    return {_awaited(operation)}self._remote.{verb}", given)
        elif operation.step.mode == "after":
            verb = "tell" if operation.heard else "after"
            call = _call(f"    return _saga.{verb}", ["self._remote", *given])
        else:
            undo = f"_compensations.{undo_name(operation)}"
            call = _call("    return _saga.before", ["self._remote", *given, undo])
        methods.append(textwrap.indent(f"{_signature(operation, method=True)}\n{call}\n", "    "))
    body = "\n".join(methods)
    return (
        f'class Http{title}:\n    """In the service that has taken them over."""\n\n'
        f"    def __init__(self, remote: client.Remote) -> None:\n        self._remote = remote\n\n{body}"
    )


def _function(operation: Operation) -> str:
    passed = [_passed(item) for item in operation.parameters]
    port = "_port()"
    if operation.row is not None:
        kind = operation.parameters[0].shape.name
        port = f"_port_of({operation.row.parameter}, {python_text(kind)})"
    return (
        f"{_signature(operation, method=False)}\n"
        + _call(f"    return {_awaited(operation)}{port}.{operation.name}", passed)
        + "\n"
    )


def _awaited(operation: Operation) -> str:
    return "await " if operation.is_async else ""


_STARS: dict[Passing, str] = {"var_positional": "*", "var_keyword": "**"}


def _passed(parameter: Parameter) -> str:
    """A parameter as the function that has it hands it on."""
    name = parameter.name
    return (
        f"{name}={name}"
        if parameter.passing == "keyword_only"
        else f"{_STARS.get(parameter.passing, '')}{name}"
    )


def _signature(operation: Operation, *, method: bool) -> str:
    items = ["self"] if method else []
    seen_keyword = False
    positional_only = [item for item in operation.parameters if item.passing == "positional_only"]
    for item in operation.parameters:
        if item.passing in _STARS:
            items.append(f"{_STARS[item.passing]}{item.name}: {hint(item.shape.items[0])}")
            seen_keyword = True
            continue
        if item.passing == "keyword_only" and not seen_keyword:
            items.append("*")
            seen_keyword = True
        default = _default(item)
        items.append(f"{item.name}: {hint(item.shape)}" + (f" = {default}" if default is not None else ""))
        if positional_only and item is positional_only[-1] and not method:
            items.append("/")
    return _call(
        f"{'async ' if operation.is_async else ''}def {operation.name}",
        items,
        f" -> {hint(operation.result.shape)}:",
        indent=4 if method else 0,
    )


def _default(parameter: Parameter) -> str | None:
    """Source of the default in the seam: the literal, or UNSET where the function has to work it out."""
    if parameter.default is None:
        return None
    try:
        value = ast.literal_eval(parameter.default)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return "wire.UNSET"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    return python_text(value) if isinstance(value, str) and len(value) < 60 else "wire.UNSET"


def _call(head: str, items: Sequence[str], tail: str = "", indent: int = 4) -> str:
    """``head(items)tail``, one item a line where it would be too long."""
    line = f"{head}({', '.join(items)}){tail}"
    if len(line) + indent <= WIDTH or not items:
        return line
    space = " " * (len(head) - len(head.lstrip()))
    return f"{head}(\n" + "".join(f"{space}    {item},\n" for item in items) + f"{space}){tail}"


def undo_name(operation: Operation) -> str:
    """The function of ``compensations.py`` that takes a step back."""
    return f"{slug(operation.provider)}_{operation.name}"


def _undo(name: str, operations: Sequence[Operation]) -> list[str]:
    waiting = [item for item in operations if item.step is not None and item.step.mode == "before"]
    entries = [f"{python_text(item.name)}: _compensations.{undo_name(item)}" for item in waiting]
    lines = "".join(f"    {entry},\n" for entry in entries)
    return [
        "UNDO: dict[str, Callable[..., None]] = {" + (f"\n{lines}" if lines else "") + "}\n"
        f'"""Name of a step of a saga -> what takes it back in {name}."""\n'
    ]


_EVENTS = '''"""Signals that contexts hear from others: their services are told while the switches are on.

Read by the modules that send, each at its end.
"""

from __future__ import annotations

from . import relay

'''


def events_module(operations: Sequence[Operation]) -> str:
    """The source of ``events.py``: what each module tells, to whom."""
    by_module: dict[str, list[str]] = {}
    for operation in operations:
        heard = operation.heard
        if heard is None:
            continue
        given = [
            _named(heard.signal, heard.at),
            slug(operation.provider),
            operation.name,
            *([heard.sender, heard.first] if heard.first else [heard.sender] if heard.sender else []),
        ]
        arguments = ", ".join(map(python_text, given))
        by_module.setdefault(heard.at, []).append(f"relay.Told({arguments})")
    lines = ["TOLD = {"]
    for module, told in sorted(by_module.items()):
        lines += [f"    {python_text(module)}: (", *(f"        {item}," for item in sorted(told)), "    ),"]
    lines += ["}", '"""Module that sends -> what it tells."""', "", "", "def tell(module: str) -> None:"]
    lines += ['    """Have a module\'s signals told, from now on."""', "    relay.connect(TOLD[module])", ""]
    return _EVENTS + "\n".join(lines)


def _named(signal: str, at: str) -> str:
    """``module:name`` of a signal, where its module is known or it is the last name alone."""
    own = signal.startswith(f"{at}.")
    return f"{at}:{signal[len(at) + 1 :]}" if own else f"{parent(signal)}:{last(signal)}"


_COMPENSATIONS = '''"""What takes steps of sagas back. Read it: only names, tables and arguments told.

Each is called on the side that has done the step, in one transaction with the note that it was taken back,
with the result of the step and what it was given. A step without one is refused before anything is done.
"""

from __future__ import annotations

from typing import Any, Callable
'''
_MISSING = '''

def missing(function: Callable[..., None]) -> Callable[..., None]:
    """Mark what a person has to write; test_saga.py fails as long as there is one."""
    function.missing = True  # type: ignore[attr-defined]
    return function
'''


def compensations_module(operations: Sequence[Operation]) -> str:
    """The source of ``compensations.py``."""
    waiting = [item for item in operations if item.step is not None and item.step.mode == "before"]
    needs = any(not item.required for operation in waiting for item in operation.parameters)
    bare = any(item.step is not None and item.step.compensation is None for item in waiting)
    parts = [
        _COMPENSATIONS + ("\nfrom . import wire as _wire\n" if needs else ""),
        *([_MISSING] if bare else ()),
    ]
    return "".join([*parts, *(f"\n\n{_compensation(item)}" for item in waiting)])


def _compensation(operation: Operation) -> str:
    names = [item.name for item in operation.parameters]
    result = "result"
    while result in names:
        result += "_"
    parameters = [f"{result}: Any", "*" if names else ""]
    parameters += [
        f"{item.name}: Any" + ("" if item.required else " = _wire.UNSET") for item in operation.parameters
    ]
    head = _call(f"def {undo_name(operation)}", [item for item in parameters if item], " -> None:", indent=0)
    what = f"{operation.module}.{operation.qualname}"
    found = operation.step.compensation if operation.step is not None else None
    if found is None:
        return (
            f"@missing\n{head}\n"
            f'    """Takes {what} back."""\n'
            f"    raise NotImplementedError({python_text(f'write what takes {what} back')})\n"
        )
    first, _, rest = found.qualname.partition(".")
    local = f"{first}_" if first in (*names, result) else first
    brought = f"    from {found.module} import {first}{f' as {local}' if local != first else ''}\n\n"
    if operation.row is not None:
        local, rest, brought = operation.row.parameter, last(found.qualname), ""
    optional = {item.name for item in operation.parameters if not item.required}
    passed = [f"{name}={name}" for name in found.arguments if name not in optional]
    passed += [f"{found.result}={result}"] if found.result else []
    unset = [name for name in found.arguments if name in optional]
    if unset:
        passed.append(f"**_wire.given({{{', '.join(f'{python_text(n)}: {n}' for n in unset)}}})")
    return (
        f"{head}\n"
        f'    """Takes {what} back.\n\n'
        f"    Assumed: {found.qualname} is named after undoing it, writes the same tables and takes the "
        "same arguments.\n"
        f'    """\n{brought}' + _call(f"    {local}" + (f".{rest}" if rest else ""), passed) + "\n"
    )
