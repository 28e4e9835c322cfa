"""Django's app registry: labels, configurations, and models by ``app_label.ModelName``."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.settings import Settings
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Frame,
    Function,
    Interpreter,
    MethodHandler,
    Module,
    ModuleScope,
    Object,
    Sequence,
    Tag,
    Value,
    class_options,
    words,
)
from strangler.text import identifier_pieces

CONFIG = "django.apps.AppConfig"
CONFIG_NAMES = frozenset(
    words(
        "apps create default_auto_field get_model get_models import_models label models models_module "
        "module name path ready verbose_name"
    )
)

_ABSTRACT_USERS = frozenset(
    f"django.contrib.auth.{name}"
    for name in ("models.AbstractUser", "models.AbstractBaseUser", "base_user.AbstractBaseUser")
)


_DEFAULT_USER = "auth.User"


class App:
    """An installed application."""

    __slots__ = ("config", "config_class", "label", "module")

    def __init__(self, module: str, label: str, config_class: Class | None) -> None:
        self.module = module
        self.label = label
        self.config_class = config_class
        self.config: Value = UNKNOWN


class Registry:
    """The installed applications, in order."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._apps: list[App] | None = None
        self.complete = False
        """Every app is known: what belongs to none of them is not installed."""
        self.installable: list[str] = []
        """Packages of apps that are not named, and may be among what INSTALLED_APPS holds besides."""
        self.unknown: list[ModuleScope] = []
        """Settings modules whose INSTALLED_APPS is not known: labels are guessed."""
        self._loading = False

    def apps(self, interp: Interpreter) -> list[App]:
        """All applications whose code is part of the monolith."""
        if self._apps is None:
            if self._loading:
                return []
            self._loading = True
            found: dict[str, App] = {}
            more: list[ModuleScope] = []
            sites = self.settings.sites(interp)
            for site in sites:
                installed = site.setting(interp, "INSTALLED_APPS") or UNKNOWN
                items, exact = installed.elements(interp, interp.root_frame)
                names = [i.value for i in items if isinstance(i, Const) and isinstance(i.value, str)]
                apps = [self._app(interp, name, site.scope.name) for name in names]
                for name, app in zip(names, apps, strict=True):
                    if app is None:
                        message = f"{name} of INSTALLED_APPS is not among the files read: models are missing"
                        self.settings.unresolved(interp, name, "unresolved-app", message)
                if not any(apps) and not (isinstance(installed, Sequence) and exact):
                    self.unknown.append(site.scope)
                elif isinstance(installed, Sequence) and installed.open:
                    more.append(site.scope)
                for app in apps:
                    if app is not None:
                        found.setdefault(app.module, app)
                for item in items:
                    self._conditional(interp, installed, item)
            if more:
                self._possible(interp, found, more)
            self.complete = bool(sites) and not self.unknown
            self._apps = list(found.values())
            self._loading = False
        return self._apps

    def _conditional(self, interp: Interpreter, installed: Value, item: Value) -> None:
        """Say that an app of the tree is installed under conditions alone."""
        under = interp.log.additions.held_under(installed, item)
        name = item.value if isinstance(item, Const) else None
        if under and isinstance(name, str) and interp.program.resolve(name) is not UNKNOWN:
            stated = " and ".join(dict.fromkeys(one.text for one in under))
            message = f"{name} is installed where {stated}: elsewhere its tables are not there"
            scopes = {scope.facts.path: scope for scope in interp.program.scopes.values()}
            interp.log.failed(scopes[under[-1].path], under[-1].line, "installed-apps-unknown", message)

    def _possible(self, interp: Interpreter, found: dict[str, App], open_ones: list[ModuleScope]) -> None:
        """Add the apps of the tree that may be among what settings add to INSTALLED_APPS unknown."""
        added = self.installable
        for name in sorted(interp.program.scopes):
            package, _, last = name.rpartition(".")
            if last == "apps" and package not in found and self._default_config(interp, package) is not None:
                app = self._app(interp, package, open_ones[0].name)
                if app is not None and app.module not in found:
                    found[app.module] = app
                    added.append(app.module)
        if added:
            message = (
                "what INSTALLED_APPS holds besides is not known: apps of the tree that may be among it are "
                f"taken to be installed ({', '.join(added)})"
            )
            interp.log.failed(open_ones[0], 1, "installed-apps-unknown", message)

    def _app(self, interp: Interpreter, entry: str, settings: str) -> App | None:
        value = interp.program.resolve(entry)
        config: Class | None = None
        if isinstance(value, Class):
            config = value
            interp.log.dynamic_import(settings, value.module.name, 1)
        elif isinstance(value, Module):
            config = self._default_config(interp, entry)
        else:
            return None
        name = entry
        if config is not None:
            stated = config.find("name")
            if stated and isinstance(stated[0], Const):
                name = str(stated[0].value)
        if name not in interp.program:
            if config is None:
                return None
            name = config.module.name.rpartition(".")[0]
        label = name.rpartition(".")[2]
        name = interp.program.canonical(name)
        if config is not None:
            stated = config.find("label")
            if stated and isinstance(stated[0], Const):
                label = str(stated[0].value)
        return App(name, label, config)

    @staticmethod
    def _default_config(interp: Interpreter, module: str) -> Class | None:
        root = interp.program.scope(module)
        if root is not None:
            stated = root.env.get("default_app_config")
            if isinstance(stated, Const):
                value = interp.program.resolve(str(stated.value))
                if isinstance(value, Class):
                    return value
        scope = interp.program.scope(f"{module}.apps")
        if scope is None:
            return None
        configs = [
            v
            for v in scope.env.values()
            if isinstance(v, Class) and v.module is scope and CONFIG in v.ancestors(interp)
        ]
        defaults = [c for c in configs if _is_true(c, "default")]
        chosen = defaults or [c for c in configs if not _is_false(c, "default")]
        return chosen[0] if len(chosen) == 1 else None

    @staticmethod
    def config(interp: Interpreter, app: App) -> Value:
        """The configuration object of an application, as ``apps.get_app_config`` gives it."""
        if app.config is UNKNOWN:
            cls: Value = app.config_class if app.config_class is not None else External(CONFIG)
            app.config = config = Object(cls, Args(), None)
            if app.config_class is not None:
                config.module = app.config_class.module.name
                init = app.config_class.find("__init__")
                if init is not None and isinstance(init[0], Function):
                    args = Args([Const(app.module), Module(app.module)])
                    interp.invoke_concrete(init[0], config, args, interp.root_frame)
            config.attrs["name"] = Const(app.module)
            config.attrs["label"] = Const(app.label)
            config.attrs["module"] = Module(app.module)
            if f"{app.module}.models" in interp.program:
                config.attrs["models_module"] = Module(f"{app.module}.models")
        return app.config

    def of_module(self, interp: Interpreter, module: str) -> App | None:
        """The application that a module belongs to: the longest one that contains it."""
        best: App | None = None
        for app in self.apps(interp):
            if (module == app.module or module.startswith(app.module + ".")) and (
                best is None or len(app.module) > len(best.module)
            ):
                best = app
        return best

    def label(self, interp: Interpreter, cls: Class) -> str | None:
        """The app label of a model class; None where its app is not installed."""
        stated = meta(cls).get("app_label")
        if isinstance(stated, Const) and isinstance(stated.value, str):
            return stated.value
        app = self.of_module(interp, cls.module.name)
        if app is not None:
            return app.label
        if self.complete and self.apps(interp):
            return None
        return _guess_label(cls.module.name)

    def user_model(self, interp: Interpreter) -> str:
        """``label.Name`` of the user model.

        Where no settings are known, or a part of them that may name it is not, it is the one user model that
        the code has, if it has just one.
        """
        stated = self.settings.text(interp, "AUTH_USER_MODEL") or _DEFAULT_USER
        self.apps(interp)
        if not self.settings.sites(interp) or (stated == _DEFAULT_USER and not self.complete):
            users = [
                cls
                for cls in interp.classes
                if not _ABSTRACT_USERS.isdisjoint(cls.ancestors(interp)) and not is_abstract(cls)
            ]
            if len(users) == 1:
                return f"{self.label(interp, users[0])}.{users[0].name}"
        return stated

    def installs(self, interp: Interpreter, name: str) -> bool:
        """Whether INSTALLED_APPS names the package of a library's thing."""
        top = name.partition(".")[0]
        return any(entry.partition(".")[0] == top for entry in self.entries(interp))

    def entries(self, interp: Interpreter) -> list[str]:
        """What INSTALLED_APPS of all sites names, libraries' apps among it."""
        found: dict[str, None] = {}
        for site in self.settings.sites(interp):
            items, _ = (site.setting(interp, "INSTALLED_APPS") or UNKNOWN).elements(interp, interp.root_frame)
            found.update({i.value: None for i in items if isinstance(i, Const) and isinstance(i.value, str)})
        return list(found)

    def in_its_place(self, interp: Interpreter, reference: str) -> str | None:
        """The model that a setting puts in the place of a library's, by the names such settings have.

        ``oauth2_provider.AccessToken`` -> ``OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL``; the library *swapper* keeps
        the words of the model's name together.
        """
        label, _, name = reference.rpartition(".")
        for model in ("_".join(identifier_pieces(name)), name):
            chosen = self.settings.text(interp, f"{label}_{model}_model".upper())
            if chosen is not None and "." in chosen and chosen.lower() != reference.lower():
                return chosen
        return None

    def is_guess(self, interp: Interpreter, cls: Class) -> bool:
        """Whether the label of a model class is guessed from its package alone."""
        if self.complete or isinstance(meta(cls).get("app_label"), Const):
            return False
        return self.of_module(interp, cls.module.name) is None

    def model(self, interp: Interpreter, label: str, name: str) -> Value:
        """The class of ``label.name``, its models module run if need be; UNKNOWN where there is none."""
        wanted = name.lower()
        for app in self.apps(interp):
            if app.label == label:
                interp.program.scope(f"{app.module}.models")
                if (
                    f"{app.module}.models" in interp.program.packages
                    and self._named(interp, label, wanted) is None
                ):
                    for module in sorted(interp.program.scopes):
                        if module.startswith(f"{app.module}.models."):
                            interp.program.scope(module)
        found = self._named(interp, label, wanted)
        return found if found is not None else UNKNOWN

    def models(self, interp: Interpreter, label: str | None) -> list[Value]:
        """The model classes of an app, or of all, in the order in which they are defined."""
        return [
            cls
            for cls in interp.classes
            if is_model(interp, cls)
            and not is_abstract(cls)
            and (found := self.label(interp, cls)) is not None
            and label in (None, found)
        ]

    def _named(self, interp: Interpreter, label: str, wanted: str) -> Class | None:
        for cls in interp.classes:
            named = cls.name.lower() == wanted and not is_abstract(cls)
            if named and self.label(interp, cls) == label and is_model(interp, cls):
                return cls
        return None


def is_model(interp: Interpreter, cls: Class) -> bool:
    """Whether a class is a Django model, abstract or not."""
    return "django.db.models.Model" in cls.ancestors(interp)


DB_TABLE = Tag("db_table", Value)
"""The name of a model's table that code has put on its ``_meta`` when the class was there."""


def meta(cls: Class) -> dict[str, Value]:
    """The options of a model's own ``class Meta`` and of those that it inherits from."""
    inner: Value | None = None
    for parent in cls.mro():
        if parent is not cls and not is_abstract(parent) and "Meta" in parent.namespace:
            break  # the Meta of a concrete parent is not inherited
        inner = parent.namespace.get("Meta")
        if inner is not None:
            break
    stated = _stated(inner)
    if stated is None:
        return {}
    options: dict[str, Value] = {}
    for parent in reversed(stated.mro()):
        names = dict(parent.namespace)
        if parent is not stated:
            names.pop("abstract", None)
        options.update(names)
    return options


def is_abstract(cls: Class) -> bool:
    """Whether the model's own Meta says ``abstract = True``."""
    inner = _stated(cls.namespace.get("Meta"))
    return inner is not None and _is_true(inner, "abstract")


def _stated(inner: Value | None) -> Class | None:
    """A Meta, also where a metaclass adds names that are not known, of which one may be ``Meta``."""
    stated = class_options(inner) if inner is not None else []
    return stated[0] if len(stated) == 1 else None


def _is_true(cls: Class, name: str) -> bool:
    value = cls.namespace.get(name)
    return isinstance(value, Const) and value.value is True


def _is_false(cls: Class, name: str) -> bool:
    value = cls.namespace.get(name)
    return isinstance(value, Const) and value.value is False


def _guess_label(module: str) -> str:
    parts = module.split(".")
    for index in range(len(parts) - 1, 0, -1):
        if parts[index] in ("models", "model"):
            return parts[index - 1]
    return parts[-2] if len(parts) > 1 else parts[-1]


def methods(registry: Registry) -> dict[str, MethodHandler]:
    """Methods of application configurations."""

    def label_of(receiver: Value) -> str | None:
        label = receiver.attrs.get("label") if isinstance(receiver, Object) else None
        return str(label.value) if isinstance(label, Const) else None

    def get_models(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        label = label_of(receiver)
        return Sequence(registry.models(interp, label)) if label is not None else None

    def get_model(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        label, name = label_of(receiver), args.text(0, "model_name")
        return registry.model(interp, label, name) if label is not None and name is not None else None

    return {f"{CONFIG}.get_models": get_models, f"{CONFIG}.get_model": get_model}


def handlers(registry: Registry) -> dict[str, object]:
    """Calls of ``django.apps.apps``."""

    def configs(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        return Sequence([registry.config(interp, app) for app in registry.apps(interp)])

    def config(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        label = args.text(0, "app_label")
        for app in registry.apps(interp):
            if app.label == label:
                return registry.config(interp, app)
        return UNKNOWN

    def installed(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        name = args.text(0, "app_name")
        if any(app.module == name for app in registry.apps(interp)):
            return Const(True)
        entries, exact = registry.settings.get(interp, "INSTALLED_APPS").elements(interp, frame)
        names = [e.value for e in entries if isinstance(e, Const)]
        if name in names:
            return Const(True)
        return Const(False) if exact and name is not None else UNKNOWN

    def has_submodule(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        package, name = args.get(0, "package"), args.text(1, "module_name")
        known = isinstance(package, Module) and name is not None
        return Const(f"{package.name}.{name}" in interp.program) if known else None  # type: ignore[union-attr]

    def all_models(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        return Sequence(registry.models(interp, None))

    def discover(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        for name in args.positional:
            for option in name.options():
                if isinstance(option, Const) and isinstance(option.value, str):
                    for app in registry.apps(interp):
                        interp.import_by_name(f"{app.module}.{option.value}", frame)
        return NONE

    return {
        "django.utils.module_loading.autodiscover_modules": discover,
        "django.utils.module_loading.module_has_submodule": has_submodule,
        "django.apps.apps.get_models": all_models,
        "django.apps.apps.get_app_configs": configs,
        "django.apps.apps.get_app_config": config,
        "django.apps.apps.is_installed": installed,
    }
