"""What is no business context: told by what uses it, what it uses, and what it serves."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from helpers.systems import access, context, landscape, model_of, module, monolith, use

from strangler.contexts import beside, kinds, ownership, views
from strangler.contexts.ranking import rank_contexts
from strangler.contexts.values import ContextSettings
from strangler.model import Call, Changes, Command, ForeignKey, Import, Signal, System, Table, Task
from strangler.model.contexts import ContextKind

BUSINESS = ("billing", "catalog", "orders")


def system(*extra: tuple[str, str], names: tuple[str, ...] = (), **facts: object) -> System:
    """Three contexts with a table each that use the next one, and whatever else uses them or is used."""
    own = [f"shop.{name}.{part}" for name in BUSINESS for part in ("models", "views")]
    calls: list[Call] = [use(f"shop.{name}.views", f"shop.{name}.models") for name in BUSINESS]
    calls += [use(f"shop.{a}.views", f"shop.{b}.models") for a, b in pairwise(BUSINESS)]
    declared = [*(f"shop.{name}.models" for name in BUSINESS), *(n for n in names if "models" in n)]
    tables = tuple(
        Table(name=name, model=f"{name}.Thing", framework="django", path="", line=1) for name in declared
    )
    return monolith(
        [module(name) for name in (*own, *names)],
        calls=(*calls, *(use(a, b) for a, b in extra)),
        tables=tables,
        **facts,
    )


def found(system: System, between: str = "") -> dict[str, ContextKind]:
    """Second part of the name -> kind, of what is no context."""
    land = views.build(system, Changes(), ContextSettings())
    parts = [one.name.split(".")[1] for one in land.modules]
    names = sorted(set(parts))
    labels = [names.index(part) for part in parts]
    left = {names.index(between)} if between else set()
    return {names[label]: kind for label, kind in kinds.find(system, land, labels, set(), left).items()}


def test_where_all_is_put_together_is_the_composition_root() -> None:
    names = ("shop.main.urls", "shop.main.wsgi")
    ties = [("shop.main.urls", f"shop.{name}.views") for name in BUSINESS]
    assert found(system(*ties, names=names)) == {"main": "composition_root"}
    assert found(system(*ties[:2], names=names)) == {}
    used = [(f"shop.{name}.{part}", "shop.main.urls") for name in BUSINESS for part in ("models", "views")]
    assert "composition_root" not in found(system(*ties, *used, names=names)).values()
    named = [(user, "shop.main.celery") for user, _ in used]  # settings and the like are used by all
    assert found(system(*named, names=(*names, "shop.main.celery"))) == {"main": "composition_root"}


def test_what_nearly_all_use_and_uses_hardly_any_is_a_platform_if_it_has_data_else_a_library() -> None:
    users = [(f"shop.{name}.{part}", "shop.core.models") for name in BUSINESS for part in ("models", "views")]
    assert found(system(*users, names=("shop.core.models",))) == {"core": "platform"}
    plain = [(user, "shop.core.money") for user, _ in users]
    assert found(system(*plain, names=("shop.core.money",))) == {"core": "library"}
    back = [("shop.core.models", f"shop.{name}.models") for name in BUSINESS]
    assert found(system(*users, *back, names=("shop.core.models",))) == {}


def test_what_all_have_in_common_is_no_context_whoever_it_uses() -> None:
    one = system(("shop.core.money", "shop.orders.models"), names=("shop.core.money", "shop.core.models"))
    land = views.build(one, Changes(), ContextSettings())
    labels = [[*BUSINESS, "core"].index(module.name.split(".")[1]) for module in land.modules]
    assert kinds.find(one, land, labels, set()) == {}
    assert kinds.find(one, land, labels, set(), common={3}) == {3: "platform"}
    one = system(("shop.core.money", "shop.orders.models"), names=("shop.core.money",))
    land = views.build(one, Changes(), ContextSettings())
    labels = [[*BUSINESS, "core"].index(module.name.split(".")[1]) for module in land.modules]
    assert kinds.find(one, land, labels, set(), common={3}) == {3: "library"}


def test_directories_of_settings_are_where_all_is_put_together_unless_they_have_data() -> None:
    assert found(system(names=("shop.config.cache", "shop.config.mail"))) == {"config": "composition_root"}
    assert found(system(names=("shop.config.cache", "shop.config.models"))) == {}
    assert found(system(names=("shop.letters.cache", "shop.letters.mail"))) == {}


def test_without_table_or_way_in_what_uses_nothing_is_a_library_however_few_use_it() -> None:
    names = ("shop.ids.text", "shop.ids.clock")
    inside = ("shop.ids.text", "shop.ids.clock")
    once = ("shop.orders.models", "shop.ids.text")

    def kinds_with(
        *extra: tuple[str, str], way: str = "shop.orders.views", **facts: object
    ) -> dict[str, ContextKind]:
        task = Task(name="tick", handler=f"{way}.tick", framework="celery", line=1)
        return found(system(inside, *extra, names=names, tasks=(task,), **facts))

    assert kinds_with() == {"ids": "library"}
    assert kinds_with(once) == {"ids": "library"}
    assert kinds_with(once, ("shop.ids.text", "shop.orders.models")) == {}
    assert kinds_with(once, way="shop.ids.clock") == {}
    assert kinds_with(once, accesses=(access("shop.ids.clock", "orders", "read"),)) == {"ids": "layer"}
    heard = Signal(signal="paid", receiver="shop.ids.clock.hear", sender=None, line=1)
    assert kinds_with(once, signals=(heard,)) == {}
    assert found(system(inside, once, names=names)) == {}  # where no way in is known, its lack says nothing


def test_commands_that_none_uses_are_operations_and_own_no_table_of_the_business() -> None:
    names = ("shop.seed.fill",)
    ties = [("shop.seed.fill", f"shop.{name}.models") for name in BUSINESS[:2]]
    facts = system(*ties, names=names, commands=(Command(name="fill", handler="shop.seed.fill.Command"),))
    assert found(facts) == {"seed": "operations"}
    loose = monolith(
        [module("a.views"), module("seed.fill")],
        accesses=(
            *(access("seed.fill", "t", "write", function=f"f{n}") for n in range(9)),
            access("seed.fill", "own", "write"),
            access("a.views", "t", "write"),
        ),
    )
    where = {"a.views": "a", "seed.fill": "seed"}
    assert ownership.owners(loose, where) == {"own": "seed", "t": "seed"}
    assert ownership.owners(loose, where, never=frozenset({"seed"})) == {"own": "seed", "t": "a"}


def test_what_is_no_business_context_is_no_candidate_and_says_what_it_is() -> None:
    kinds = ("composition_root", "library", "operations", "platform")
    model = model_of(
        context("shop", *(f"s.m{n}" for n in range(8)), tables=("t",)),
        *(context(kind, f"{kind}.a", f"{kind}.b", kind=kind) for kind in kinds),
    )
    assert {c.context: c.excluded for c in rank_contexts(model)} == {"shop": ""} | {k: k for k in kinds}


def test_scripts_beside_the_system_are_operations_until_another_tree_uses_them() -> None:
    scripts = ("tools.seed.fill", "tools.seed.users")
    ties = [("tools.seed.fill", f"shop.{name}.models") for name in BUSINESS]
    ties.append(("tools.seed.fill", "tools.seed.users"))
    assert found(system(*ties, names=scripts)) == {"seed": "operations"}
    assert "seed" not in found(system(*ties, ("shop.orders.views", "tools.seed.users"), names=scripts))
    helpers = [(f"fill.{file}", "tools.seed.fill") for file in ("seed", "other")]  # no handler, used by none
    assert found(system(*ties, helpers[0], names=(*scripts, "fill.seed"))) == {"seed": "operations"}
    assert "seed" not in found(system(*ties, *helpers, names=(*scripts, "fill.seed", "fill.other")))


def test_a_package_among_plug_ins_is_loaded_by_name_and_no_script() -> None:
    def scripts(folder: str) -> set[str]:
        paths = {"yum": f"{folder}/yum/__init__.py", "yum.fetch": f"{folder}/yum/fetch.py"}
        one = system(("yum.fetch", "shop.orders.models"), names=("yum", "yum.fetch"))
        one = msgspec.structs.replace(
            one,
            modules=tuple(msgspec.structs.replace(m, path=paths.get(m.name, m.path)) for m in one.modules),
        )
        land = views.build(one, Changes(), ContextSettings())
        return {land.modules[number].name for number in beside.find(one, land, (), ())}

    assert scripts("tools") == {"yum", "yum.fetch"}
    assert scripts("support/plugins/importers") == set()


def test_commands_with_a_table_that_serves_them_are_operations_too_unless_others_use_them_more() -> None:
    names = ("shop.seed.models", "shop.seed.fill", "shop.seed.wipe")
    commands = tuple(Command(name=name, handler=f"shop.seed.{name}.Command") for name in ("fill", "wipe"))
    ties = [(f"shop.seed.{name}", "shop.orders.models") for name in ("fill", "wipe")]
    assert found(system(*ties, names=names, commands=commands))["seed"] == "operations"
    users = [(f"shop.{name}.views", "shop.seed.models") for name in BUSINESS]
    assert found(system(*ties, *users, names=names, commands=commands)).get("seed") != "operations"


def test_a_quarter_of_the_system_is_no_platform_but_its_core() -> None:
    names = ("shop.core.models", "shop.core.money", "shop.core.time")
    users = [(f"shop.{name}.{part}", "shop.core.models") for name in BUSINESS for part in ("models", "views")]
    assert found(system(*users, names=names[:2])) == {"core": "platform"}
    assert found(system(*users, names=names)) == {}


def test_what_is_left_of_layered_code_is_no_context_where_most_stand_on_it_however_large() -> None:
    names = ("shop.core.base", "shop.core.money", "shop.core.time")
    users = [(f"shop.{name}.{part}", "shop.core.base") for name in BUSINESS for part in ("models", "views")]
    back = [("shop.core.money", f"shop.{name}.models") for name in BUSINESS]
    assert found(system(*users, *back, names=names)) == {}
    assert found(system(*users, *back, names=names), between="core") == {"core": "library"}
    assert found(system(*users[:2], *back, names=names), between="core") == {}


def test_files_beside_all_packages_are_where_it_is_put_together_unless_they_serve_or_have_data() -> None:
    files = ("shop.app", "shop.helpers", "shop.text")
    land = system(names=files)
    parts = [one.name.split(".")[1] for one in land.modules]

    def kind(system: System) -> ContextKind | None:
        land = views.build(system, Changes(), ContextSettings())
        names = sorted({*BUSINESS, "rest"})
        labels = [names.index(part if part in BUSINESS else "rest") for part in parts]
        return kinds.find(system, land, labels, set()).get(names.index("rest"))

    assert kind(land) == "composition_root"
    task = Task(name="clean", handler="shop.app.clean", framework="celery", line=1)
    assert kind(system(names=files, tasks=(task,))) is None


def test_a_face_without_tables_over_many_packages_is_a_layer_and_no_context() -> None:
    names = ("shop.api.orders", "shop.api.catalog", "shop.api.billing")
    ties = [(f"shop.api.{name}", f"shop.{name}.models") for name in BUSINESS]
    assert found(system(*ties, names=names)) == {"api": "layer"}
    one = [(name, "shop.orders.models") for name in names]  # the way into one domain is a part of it
    assert found(system(*one, names=names)) == {}
    own = (*names, "shop.api.models")  # with a table of its own it is a domain
    assert found(system(*ties, ("shop.api.models", "shop.orders.models"), names=own)) == {}
    other = tuple(name.replace("api", "sales") for name in names)
    ties = [(a.replace("api", "sales"), b) for a, b in ties]
    assert found(system(*ties, names=other)).get("sales") != "layer"


def test_what_alone_writes_tables_that_no_model_declares_is_no_layer() -> None:
    names = ("shop.api.orders", "shop.api.catalog", "shop.api.billing")
    ties = [(f"shop.api.{name}", f"shop.{name}.models") for name in BUSINESS]

    def kind(via: str, *writers: str) -> str | None:
        written = tuple(
            access(where, table, "write", via=via) for where in writers for table in ("chunks", "meta")
        )
        return found(system(*ties, names=names, accesses=written)).get("api")

    assert kind("sql", names[0]) is None
    assert kind("sql", names[0], "shop.orders.views") == "layer"  # not it alone
    assert kind("orm", names[0]) == "layer"  # of a library


def test_where_the_models_of_all_lie_with_hardly_a_way_in_is_a_platform_however_large() -> None:
    names = tuple(f"shop.data.models_{n}" for n in range(6))
    users = [(f"shop.{name}.{part}", names[0]) for name in BUSINESS for part in ("models", "views")]
    back = [(names[1], f"shop.{name}.views") for name in BUSINESS]
    tasks = tuple(
        Task(name=name, handler=f"shop.{name}.views.run", framework="celery", line=1) for name in BUSINESS
    )
    served = (*tasks, Task(name="own", handler=f"{names[2]}.run", framework="celery", line=1))
    assert found(system(*users, *back, names=names, tasks=tasks)) == {"data": "platform"}
    assert found(system(*users, *back, names=names, tasks=served)) == {}


def test_scripts_and_documentation_are_taken_out_of_the_domains_that_they_are_tied_to() -> None:
    names = ("shop.orders.docs.conf", "shop.orders.testing.fake", "shop.orders.testing.clock")

    def moved(facts: System) -> set[str]:
        land = views.build(facts, Changes(), ContextSettings())
        labels = [0 if "orders" in one.name else 1 for one in land.modules]
        after, apart = beside.set_apart(facts, land, labels)
        return {
            one.name.split(".", 2)[2]
            for one, label in zip(land.modules, after, strict=True)
            if label == apart
        }

    assert moved(system(names=names)) == {"docs.conf", "testing.fake", "testing.clock"}
    used = system(("shop.orders.views", "shop.orders.testing.clock"), names=names)
    assert moved(used) == {"docs.conf", "testing.fake"}
    task = Task(name="tick", handler="shop.orders.testing.clock.tick", framework="celery", line=1)
    assert moved(system(names=names, tasks=(task,))) == {"docs.conf"}


def test_files_that_package_or_build_the_system_are_beside_it_but_no_module_of_a_package() -> None:
    def beside_it(*names: str) -> set[str]:
        one = system(*((name, "shop.orders.models") for name in names), names=names)
        land = views.build(one, Changes(), ContextSettings())
        labels = [1 if "billing" in own.name else 0 for own in land.modules]
        after, apart = beside.set_apart(one, land, labels)
        return {
            own.name
            for own, label in zip(land.modules, after, strict=True)
            if apart is not None and label == apart
        }

    assert beside_it("setup", "noxfile", "main", "shop.orders.setup") == {
        "setup",
        "noxfile",
        "shop.orders.setup",
    }
    assert beside_it("setup", "shop.orders.setup", "shop.orders.__init__") == {"setup"}


def judged(one: System, *aside: str) -> dict[str, ContextKind]:
    """Second part of the name -> kind, of what is no context by its tables."""
    land = views.build(one, Changes(), ContextSettings())
    parts = [module.name.split(".")[1] for module in land.modules]
    names = sorted(set(parts))
    owners = {table.name: names.index(table.name.split(".")[1]) for table in one.tables}
    other: dict[int, ContextKind] = {names.index(part): "platform" for part in aside}
    found = kinds.judge(one, land, [names.index(part) for part in parts], other, owners)
    return {names[label]: kind for label, kind in found.items()}


def tasks(*handlers: str) -> tuple[Task, ...]:
    return tuple(Task(name=where, handler=f"{where}.run", framework="celery", line=1) for where in handlers)


SERVED = tasks(*(f"shop.{name}.views" for name in BUSINESS))


def test_what_is_set_for_all_and_tied_to_none_is_the_platform_however_few_they_are() -> None:
    names = ("shop.options.models", "shop.options.admin")
    users = [(f"shop.{name}.views", "shop.options.models") for name in BUSINESS]
    assert judged(system(*users[:2], names=names, tasks=SERVED)) == {"options": "platform"}
    assert judged(system(*users[:1], names=names, tasks=SERVED)) == {}
    back = [("shop.options.admin", f"shop.{name}.models") for name in BUSINESS]
    assert judged(system(*users[:2], *back, names=names, tasks=SERVED)) == {}
    served = (*SERVED, *tasks("shop.options.admin"))  # it has a way in of its own
    assert judged(system(*users[:2], names=names, tasks=served)) == {}
    one = system(*users[:2], names=names, tasks=SERVED)
    tied = tuple(
        msgspec.structs.replace(table, foreign_keys=(ForeignKey(table="shop.options.models", column="o"),))
        if "orders" in table.name
        else table
        for table in one.tables
    )
    assert judged(msgspec.structs.replace(one, tables=tied)) == {}


def test_the_record_of_what_all_do_is_the_platform_by_its_name_and_its_users() -> None:
    for name, kind in (("logs", {"logs": "platform"}), ("news", {})):
        names = (f"shop.{name}.models", f"shop.{name}.views")
        users = [(f"shop.{one}.views", names[0]) for one in BUSINESS]
        back = [(names[1], f"shop.{one}.models") for one in BUSINESS]
        served = (*SERVED, *tasks(names[1]))
        assert judged(system(*users, *back, names=names, tasks=served)) == kind
        assert judged(system(*users[:2], *back, names=names, tasks=served)) == {}


def test_data_into_which_nothing_leads_goes_with_those_who_run_the_system() -> None:
    names = ("shop.past.models", "shop.past.admin")
    assert judged(system(names=names, tasks=SERVED)) == {"past": "operations"}
    assert judged(system(("shop.orders.views", names[0]), names=names, tasks=SERVED)) == {}
    assert judged(system(names=names, tasks=(*SERVED, *tasks(names[1])))) == {}
    assert judged(system(names=names)) == {}  # where no way in is known, its lack says nothing
    shown = (*names, "shop.past.templatetags.past")  # templates load it
    assert judged(system(names=shown, tasks=SERVED)) == {"past": "platform"}


def test_without_tables_and_ways_in_it_is_a_library_if_it_uses_none_else_a_piece_of_those_it_uses() -> None:
    names = ("shop.captcha.check", "shop.captcha.fields")
    once = ("shop.orders.views", names[0])
    out = [(name, "shop.orders.models") for name in names]
    assert judged(system(once, names=names, tasks=SERVED)) == {"captcha": "library"}
    assert judged(system(once, *out, names=names, tasks=SERVED)) == {"captcha": "layer"}
    served = (*SERVED, *tasks(names[0]))
    assert judged(system(once, names=names, tasks=served)) == {"captcha": "library"}
    assert judged(system(once, *out, names=names, tasks=served)) == {}
    # Where most contexts serve nothing that is known, as in a library of plug-ins, that says nothing.
    many = tuple(f"shop.p{n}.driver" for n in range(8))
    ties = [(name, "shop.orders.models") for name in many]
    assert judged(system(*ties, names=many, tasks=SERVED[:1])) == {}


def test_handlers_over_the_tables_of_many_are_a_layer_unless_one_owns_most_of_them() -> None:
    names = ("shop.desk.start", "shop.desk.money")
    served = (*SERVED, *tasks(names[0]))
    out = [(names[0], f"shop.{name}.models") for name in BUSINESS]
    touched = tuple(access(names[0], f"shop.{name}.models", "write") for name in BUSINESS)
    assert judged(system(*out, names=names, tasks=served, accesses=touched)) == {"desk": "layer"}
    one = tuple(access(names[0], "shop.orders.models", "read", function=f"f{n}") for n in range(3))
    assert judged(system(*out, names=names, tasks=served, accesses=(*touched, *one))) == {}


def test_a_face_with_hardly_any_data_of_its_own_is_a_layer_by_its_name_and_what_it_touches() -> None:
    def kinds_of(name: str, own: int) -> dict[str, ContextKind]:
        names = (f"shop.{name}.models", *(f"shop.{name}.view{n}" for n in range(9)))
        where = names[1]
        served = (*SERVED, *tasks(where))
        touched = [
            access(where, f"shop.{other}.models", "write", function=f"f{n}")
            for other in BUSINESS
            for n in range(3)
        ]
        touched += [access(where, names[0], "read", function=f"f{n}") for n in range(own)]
        out = [(where, f"shop.{other}.models") for other in BUSINESS]
        return judged(system(*out, names=names, tasks=served, accesses=tuple(touched)))

    assert kinds_of("api", own=3) == {"api": "layer"}
    assert kinds_of("dc_view", own=3) == {"dc_view": "layer"}
    assert kinds_of("api", own=4) == {}
    assert kinds_of("sales", own=3) == {}


def test_where_a_platform_holds_the_models_of_all_what_has_none_is_a_layer() -> None:
    names = ("shop.desk.start", *(f"shop.data.models{n}" for n in range(5)))
    served = (*SERVED, *tasks(names[0]))
    out = [(names[0], name) for name in names[1:]]
    one = system(*out, names=names, tasks=served)
    assert judged(one) == {}
    assert judged(one, "data") == {"desk": "layer"}
    few = system(*out[:2], names=names[:3], tasks=served)
    assert judged(few, "data") == {}


def test_the_services_of_all_domains_are_a_layer_where_one_part_declares_most_tables() -> None:
    names = ("shop.work.orders", "shop.work.money", *(f"shop.data.models{n}" for n in range(5)))
    served = (*SERVED, *tasks(names[0]))
    one = system(*((names[0], name) for name in names[2:]), names=names, tasks=served)
    land = views.build(one, Changes(), ContextSettings())
    parts = [module.name.split(".")[1] for module in land.modules]
    labels = [sorted(set(parts)).index(part) for part in parts]
    label = dict(zip(parts, labels, strict=True))

    def judged_with(written: int, placed: bool = True) -> bool:
        owners = {table.name: label[table.name.split(".")[1]] for table in one.tables}
        owners |= {f"shop.data.models{n}": label["work"] for n in range(written)}
        return kinds.judge(one, land, labels, {}, owners, placed).get(label["work"]) == "layer"

    assert judged_with(3)
    assert not judged_with(2)
    assert not judged_with(3, placed=False)


def test_numbered_files_that_nothing_uses_are_operations() -> None:
    names = tuple(f"shop.updates.000{n}_step" for n in range(4))
    assert found(system(names=names)) == {"updates": "operations"}
    assert found(system(names=(*names, "shop.updates.models"))) == {"updates": "operations"}, "with its state"
    named = tuple(f"shop.updates.step_{n}" for n in range(4))
    assert found(system(names=named, tasks=tasks(named[0]))) == {}


def test_a_face_whose_slices_lie_with_their_domains_is_what_holds_most_of_it() -> None:
    land = landscape(*(f"shop.api.m{n}" for n in range(3)), *(f"shop.api.{n}.tax" for n in "abcd"), "shop.x")
    group = [n for n, one in enumerate(land.modules) if ".m" in one.name]
    labels = [0 if n in group else 1 + n // 2 for n in range(land.size)]
    assert kinds._holds_most(land, labels, group, "shop/api")
    assert not kinds._holds_most(land, [min(label, 1) for label in labels], group, "shop/api")


def test_modules_of_url_roots_are_where_all_is_put_together() -> None:
    names = tuple(f"shop.routes.urls.{name}" for name in BUSINESS)
    assert found(system(names=names)) == {"routes": "composition_root"}
    assert found(system(names=tuple(name.replace("urls", "rates") for name in names))) == {}


def test_settings_with_a_table_of_their_own_are_the_platform_whatever_they_use() -> None:
    names = ("shop.options.models", "shop.options.conf.registry", "shop.options.conf.fields")
    back = [(names[1], f"shop.{name}.models") for name in BUSINESS]
    assert judged(system(*back, names=names, tasks=SERVED)) == {"options": "platform"}
    plain = tuple(name.replace("conf", "plan") for name in names)
    back = [(plain[1], f"shop.{name}.models") for name in BUSINESS]
    assert judged(system(*back, names=plain, tasks=SERVED)).get("options") != "platform"


def imports(*pairs: tuple[str, str]) -> tuple[Import, ...]:
    return tuple(Import(importer=a, imported=b, line=1, kind="runtime") for a, b in pairs)


def test_what_is_published_on_its_own_and_imports_nothing_of_the_rest_is_a_library() -> None:
    kit = ("kit.client.api", "kit.client.pages", "kit.client.cli")
    setup = msgspec.structs.replace(module("setup"), path="kit/setup.py")
    task = Task(name="read", handler="kit.client.api.read", framework="in-process", line=1)
    inside = imports(("kit.client.pages", "kit.client.api"))
    one = system(names=kit, imports=inside, tasks=(task,))

    def with_setup(one: System) -> System:
        return msgspec.structs.replace(one, modules=tuple(sorted((*one.modules, setup))))

    assert kinds_of(with_setup(one))["kit"] == "library"
    assert kinds_of(one).get("kit") != "library"
    tied = system(names=kit, imports=(*inside, *imports(("kit.client.api", "shop.orders.models"))))
    assert kinds_of(with_setup(tied)).get("kit") != "library"
    served = system(names=kit, imports=inside, tasks=tasks("kit.client.api"))
    assert kinds_of(with_setup(served)).get("kit") != "library"


def kinds_of(one: System) -> dict[str, ContextKind]:
    """First part of the name, the second one in the shop -> kind, of what is no context."""
    land = views.build(one, Changes(), ContextSettings())
    parts = [m.name.split(".")[m.name.startswith("shop.")] for m in land.modules]
    names = sorted(set(parts))
    labels = [names.index(part) for part in parts]
    return {names[label]: kind for label, kind in kinds.find(one, land, labels, set()).items()}


def test_tools_on_top_of_the_tree_are_beside_the_system_though_they_patch_it() -> None:
    names = ("tools.rows.fill", "shop.orders.tools.prices")
    one = system(
        ("shop.orders.models", "tools.rows.fill"),  # the tool has put its function in a class of the system
        names=names,
        imports=imports(("tools.rows.fill", "shop.orders.models")),
        tasks=(Task(name="t", handler="tools.rows.fill.run", framework="in-process", line=1),),
    )

    def taken_out(one: System) -> set[str]:
        land = views.build(one, Changes(), ContextSettings())
        return {land.modules[n].name for n in beside.find(one, land, *beside.entries(one, land))}

    assert taken_out(one) == {"tools.rows.fill"}
    imported = imports(("shop.orders.models", "tools.rows.fill"))
    assert taken_out(msgspec.structs.replace(one, imports=imported)) == set()


def test_what_nothing_asks_for_but_alone_keeps_tables_that_only_sql_names_is_no_layer() -> None:
    names = tuple(f"shop.index.m{n}" for n in range(12))
    ties = (("shop.index.m0", "shop.orders.models"), ("shop.orders.views", "shop.index.m1"), *pairwise(names))

    def kind(*tables: str) -> str | None:
        written = tuple(access("shop.index.m0", table, "write", via="sql") for table in tables)
        one = system(*ties, names=names, tasks=SERVED, accesses=written)
        land = views.build(one, Changes(), ContextSettings())
        parts = [own.name.split(".")[1] for own in land.modules]
        labels = [sorted(set(parts)).index(part) for part in parts]
        at = dict(zip(parts, labels, strict=True))
        owners = {table.name: at[table.name.split(".")[1]] for table in one.tables}
        owners |= dict.fromkeys(tables, at["index"])
        return kinds.judge(one, land, labels, {}, owners).get(at["index"])

    assert kind() == "layer"
    assert kind("chunks") == "layer"
    assert kind("chunks", "meta") is None
