"""What everybody uses and nobody owns: the smallest landscapes on which each limit decides."""

from __future__ import annotations

import pytest
from helpers.systems import module, monolith

from strangler.contexts import kernel
from strangler.contexts.views import Landscape
from strangler.model import Access, Endpoint, System, Table

LIBRARY = "app.lib.text"


def landscape(users: list[int]) -> tuple[Landscape, list[int]]:
    """A library (number 0) and, for each context, as many modules that use it."""
    labels = [0] + [label for label, count in enumerate(users, 1) for _ in range(count)]
    modules = (module(LIBRARY), *(module(f"app.m{n}") for n in range(1, len(labels))))
    index = {one.name: number for number, one in enumerate(modules)}
    importers = (frozenset(range(1, len(labels))), *(frozenset[int]() for _ in modules[1:]))
    return Landscape(modules, index, {}, {}, importers), labels


def found(users: list[int], system: System | None = None, held: tuple[int, ...] = ()) -> set[int]:
    land, labels = landscape(users)
    return kernel.find(system or monolith([]), land, labels, held)


@pytest.mark.parametrize(
    ("users", "shared"),
    [
        ([2, 1, 1, 1], True),  # five users, spread 0.72
        ([1, 1, 1, 1], False),  # four users
        ([2, 2, 1], False),  # spread 0.64
        ([2, 2, 2], False),  # three contexts cannot spread far enough
        ([5, 2, 2, 1], False),  # one of them makes half of the uses
        ([3, 2, 2, 2, 1], True),
    ],
)
def test_five_users_of_many_contexts_make_a_shared_module(users: list[int], shared: bool) -> None:
    assert found(users) == ({0} if shared else set())


def access(operation: str) -> Access:
    return Access(
        module=LIBRARY,
        line=1,
        table="t",
        operation=operation,
        function="f",
        via="orm",
        certainty="certain",  # type: ignore[arg-type]
    )


def endpoint(handler: str) -> Endpoint:
    return Endpoint(
        path="/", methods=None, handler=handler, framework="flask", pattern="/", regex="/", name=None,
        file="", line=1, order=0,
    )  # fmt: skip


TABLE = Table(name="t", model=f"{LIBRARY}.Row", framework="django", path="", line=1)


@pytest.mark.parametrize(
    ("facts", "shared"),
    [
        ({"endpoints": (endpoint(f"{LIBRARY}.show"),)}, False),
        ({"endpoints": (endpoint(f"{LIBRARY}.Show.get"),)}, False),
        ({"endpoints": (endpoint("app.m1.show"),)}, True),
        ({"tables": (TABLE,)}, False),
        ({"accesses": (access("write"),)}, False),
        ({"accesses": (access("read"),)}, True),
    ],
)
def test_what_declares_writes_or_serves_is_the_face_of_its_context(
    facts: dict[str, tuple[object, ...]], shared: bool
) -> None:
    modules = landscape([2, 2, 2, 2])[0].modules
    assert found([2, 2, 2, 2], monolith(list(modules), **facts)) == ({0} if shared else set())


def test_what_a_word_of_the_domain_holds_is_nobodys_library() -> None:
    assert found([2, 2, 2, 2], held=(0,)) == set()


def test_helpers_of_the_library_alone_go_along_with_it() -> None:
    # 0 the library, 1 and 2 serve it in a row, 3 serves it and somebody else, 4 is used by nobody.
    modules = tuple(module(f"m{n}") for n in range(6))
    importers = ({5}, {0}, {1}, {0, 5}, set(), set())
    land = Landscape(
        modules, {one.name: n for n, one in enumerate(modules)}, {}, {}, tuple(map(frozenset, importers))
    )
    assert kernel.with_helpers(land, {0}, ()) == {0, 1, 2}
    assert kernel.with_helpers(land, {0}, (1,)) == {0}
