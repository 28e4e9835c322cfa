"""Plug-ins of like shape, side by side and without data of their own, are one thing to an architect."""

from __future__ import annotations

from helpers.systems import access, module, monolith, use

from strangler.contexts import families, propose, views
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, System, Table

PLUGINS = ("mail", "chat", "pager", "sms", "hook")
FILES = ("transport", "forms", "urls")
SHOP = ["shop.orders.models", "shop.orders.views", "shop.orders.pages"]


def plugins(files: tuple[str, ...] = FILES) -> list[str]:
    return [f"shop.plugins.{plugin}.{file}" for plugin in PLUGINS for file in files]


ORDERS = Table(name="orders", model="shop.orders.models.Order", framework="django", path="", line=1)


def system(names: list[str], *written: tuple[str, str]) -> System:
    return monolith(
        map(module, [*names, *SHOP]),
        tables=(ORDERS,),
        accesses=tuple(access(where, name, "write") for where, name in written),
    )


def found(given: System) -> dict[str, str]:
    land = views.build(given, Changes(), ContextSettings())
    return {
        land.modules[number].name: folder
        for number, folder in families.find(land.modules, land.declaring, land.written).items()
    }


def test_directories_with_the_same_files_and_no_data_are_a_family() -> None:
    assert found(system(plugins())) == dict.fromkeys(plugins(), "shop/plugins")


def test_the_table_that_all_plugins_write_is_none_of_theirs_and_one_that_one_alone_writes_is() -> None:
    common = [(f"shop.plugins.{plugin}.forms", "orders") for plugin in PLUGINS]
    assert set(found(system(plugins(), *common))) == set(plugins())
    alone = found(system(plugins(), *common, ("shop.plugins.sms.forms", "numbers")))
    assert set(alone) == {name for name in plugins() if ".sms." not in name}


def test_applications_with_tables_of_their_own_are_no_family() -> None:
    written = [(f"shop.plugins.{plugin}.forms", plugin) for plugin in PLUGINS]
    assert found(system(plugins(), *written)) == {}


def test_directories_of_other_files_are_no_family() -> None:
    assert found(system([f"shop.parts.{part}.{part}_{n}x{part}" for part in PLUGINS for n in "abc"])) != {}
    assert found(system([f"shop.parts.{part}.{n}{i}" for i, part in enumerate(PLUGINS) for n in "abc"])) == {}


def test_three_are_no_family_yet_and_where_no_table_is_known_nothing_is() -> None:
    three = [name for name in plugins() if name.split(".")[2] in PLUGINS[:3]]
    assert found(system(three)) == {}
    assert found(monolith(map(module, plugins()))) == {}


def test_a_family_is_one_context_however_little_its_plugins_are_tied_to_each_other() -> None:
    names = plugins()
    each = [[name for name in names if f".{plugin}." in name] for plugin in PLUGINS]
    calls = [use(a, b) for group in each for a in group for b in group if a != b]
    calls += [use(a, b) for a in SHOP for b in SHOP if a != b]
    given = system(names)
    given = monolith(given.modules, tables=given.tables, calls=tuple(calls))
    contexts = propose(given, Changes(), ContextSettings()).contexts
    assert [set(c.modules) for c in contexts if set(c.modules) & set(names)] == [set(names)]
