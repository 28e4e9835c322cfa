"""What calls of Python's own library and of the common frameworks return, by name."""

from __future__ import annotations

from strangler.model.columns import BYTES, DATE, DATETIME, DECIMAL, TIME, TIMEDELTA, UUID
from strangler.model.shapes import BOOL, FLOAT, INT, JSON, STR, Kind, Shape, make, nullable

_STRS = make("list", STR)
ITERATOR, OBJECT = make("iterator"), make("object")


def words(names: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(names.split())


def _each(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


BUILTINS: dict[str, Shape] = {
    **_each(STR, "str repr ascii chr bin hex oct format input"),
    **_each(INT, "int len ord hash id"),
    **_each(BOOL, "bool isinstance issubclass callable hasattr any all"),
    **_each(BYTES, "bytes bytearray"),
    **_each(ITERATOR, "iter zip map filter enumerate range reversed"),
    "float": FLOAT,
    "open": make("file"),
    "object": OBJECT,
}
"""Function -> result. ``list``, ``sorted``, ``sum`` and their like depend on their arguments."""

CALLS: dict[str, Shape] = {
    **_each(DECIMAL, "decimal.Decimal"),
    **_each(
        DATETIME,
        "datetime.datetime datetime.datetime.now datetime.datetime.utcnow datetime.datetime.fromtimestamp "
        "datetime.datetime.utcfromtimestamp datetime.datetime.strptime datetime.datetime.combine "
        "datetime.datetime.today datetime.datetime.fromisoformat django.utils.timezone.now "
        "django.utils.timezone.make_aware django.utils.timezone.make_naive django.utils.timezone.localtime "
        "arrow.utcnow pendulum.now",
    ),
    **_each(
        DATE,
        "datetime.date datetime.date.today datetime.date.fromisoformat datetime.date.fromtimestamp "
        "django.utils.timezone.localdate",
    ),
    **_each(TIME, "datetime.time"),
    **_each(TIMEDELTA, "datetime.timedelta"),
    **_each(UUID, "uuid.UUID uuid.uuid1 uuid.uuid3 uuid.uuid4 uuid.uuid5"),
    **_each(
        STR,
        "json.dumps secrets.token_hex secrets.token_urlsafe os.path.join os.path.basename os.path.dirname "
        "os.path.abspath os.getcwd os.getenv urllib.parse.quote urllib.parse.quote_plus "
        "urllib.parse.urlencode "
        "urllib.parse.urljoin urllib.parse.unquote re.sub re.escape html.escape textwrap.dedent "
        "textwrap.fill textwrap.shorten django.urls.reverse django.utils.text.slugify flask.url_for "
        "django.utils.crypto.get_random_string flask.render_template django.template.loader.render_to_string "
        "django.utils.html.strip_tags time.strftime secrets.choice "
        "django.utils.formats.date_format string.capwords unicodedata.normalize socket.gethostname",
    ),
    **_each(
        FLOAT, "time.time time.monotonic time.perf_counter random.random random.uniform math.sqrt math.fsum"
    ),
    **_each(INT, "math.floor math.ceil random.randint random.randrange secrets.randbelow math.gcd"),
    **_each(
        BYTES,
        "os.urandom secrets.token_bytes base64.b64encode base64.b64decode base64.urlsafe_b64encode "
        "base64.urlsafe_b64decode zlib.compress pickle.dumps",
    ),
    **_each(BOOL, "os.path.exists os.path.isfile os.path.isdir hmac.compare_digest math.isnan"),
    **_each(_STRS, "re.findall os.listdir shlex.split"),
    **_each(
        make("response"),
        "django.http.HttpResponse django.http.JsonResponse django.http.HttpResponseRedirect "
        "django.http.StreamingHttpResponse django.http.FileResponse django.shortcuts.render "
        "django.shortcuts.redirect flask.jsonify flask.redirect flask.make_response flask.send_file "
        "flask.Response rest_framework.response.Response fastapi.responses.JSONResponse "
        "starlette.responses.JSONResponse",
    ),
    **_each(
        make("query"),
        "sqlalchemy.select sqlmodel.select sqlalchemy.update sqlalchemy.text sqlalchemy.insert "
        "sqlalchemy.delete django.db.models.Q django.db.models.F",
    ),
    **_each(
        make("object", name=":safe HTML"),
        "django.utils.safestring.mark_safe django.utils.html.format_html django.utils.html.escape "
        "django.utils.html.conditional_escape django.utils.html.format_html_join markupsafe.Markup "
        "markupsafe.escape flask.Markup django.utils.html.linebreaks",
    ),
    **_each(
        make("object", name=":lazy text"),
        "django.utils.translation.gettext_lazy django.utils.translation.ngettext_lazy "
        "django.utils.translation.pgettext_lazy flask_babel.lazy_gettext",
    ),
    **_each(
        STR,
        "django.utils.translation.gettext django.utils.translation.ngettext flask_babel.gettext "
        "gettext.gettext",
    ),
    **_each(JSON, "flask.request.get_json json.loads"),
    **_each(
        make("response"),
        " ".join(
            f"{library}.{verb}"
            for library in ("requests", "httpx")
            for verb in ("get", "post", "put", "patch", "delete", "head", "options", "request")
        ),
    ),
    "json.load": JSON,
    "os.environ.get": nullable(STR),
    "itertools.chain": ITERATOR,
    "io.StringIO": make("file"),
    "io.BytesIO": make("file"),
    "functools.partial": make("callable"),
}
"""Dotted name of an external function or class -> result of calling it."""

METHODS: dict[Kind, dict[str, Shape]] = {
    "str": {
        **_each(
            STR,
            "capitalize casefold center expandtabs format format_map join ljust lower lstrip replace rjust "
            "rstrip strip swapcase title translate upper zfill removeprefix removesuffix",
        ),
        **_each(
            BOOL,
            "startswith endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric "
            "isprintable isspace istitle isupper",
        ),
        **_each(INT, "count find index rfind rindex"),
        **_each(_STRS, "split rsplit splitlines"),
        **_each(make("tuple", STR, STR, STR), "partition rpartition"),
        "encode": BYTES,
    },
    "bytes": {
        "decode": STR,
        "hex": STR,
        "startswith": BOOL,
        "endswith": BOOL,
        "strip": BYTES,
        "replace": BYTES,
    },
    "int": {"bit_length": INT, "to_bytes": BYTES},
    "float": {"is_integer": BOOL},
    "decimal": {**_each(DECIMAL, "quantize normalize copy_abs copy_negate sqrt"), "is_zero": BOOL},
    "datetime": {
        "date": DATE,
        "time": TIME,
        "timestamp": FLOAT,
        **_each(STR, "isoformat strftime ctime"),
        **_each(DATETIME, "replace astimezone"),
        **_each(INT, "weekday isoweekday"),
    },
    "date": {
        "replace": DATE,
        **_each(STR, "isoformat strftime ctime"),
        **_each(INT, "weekday isoweekday toordinal"),
    },
    "time": {"isoformat": STR, "strftime": STR, "replace": TIME},
    "timedelta": {"total_seconds": FLOAT},
    "uuid": {},
    "list": {"index": INT, "count": INT},
    "dict": _each(ITERATOR, "items keys values"),
    "file": {"getvalue": STR},
    "response": {"json": JSON},
    "set": {"issubset": BOOL, "issuperset": BOOL, "isdisjoint": BOOL},
}
"""Kind of a value -> method -> result."""

PLAIN_METHODS = frozenset(METHODS["str"]) | words(
    "get items keys values pop copy setdefault update append extend insert remove sort reverse index count"
)
"""What texts, lists and dicts have."""

ATTRIBUTES: dict[Kind, dict[str, Shape]] = {
    "datetime": _each(INT, "year month day hour minute second microsecond"),
    "date": _each(INT, "year month day"),
    "time": _each(INT, "hour minute second"),
    "timedelta": _each(INT, "days seconds microseconds"),
    "uuid": {"hex": STR, "int": INT, "bytes": BYTES},
    "response": {"status_code": INT, "content": BYTES, "text": STR},
}

_TEXTS = make("dict", STR)
NAMED: dict[str, Shape] = {
    **_each(_TEXTS, "flask.request.form flask.request.args flask.request.values flask.request.cookies"),
    **_each(STR, "flask.request.method flask.request.path flask.request.remote_addr flask.request.url"),
    "flask.request.json": JSON,
    "os.environ": _TEXTS,
}
"""Dotted name of something of a library -> what it holds."""

OF_REQUEST: dict[str, Shape] = {
    **_each(_TEXTS, "GET POST COOKIES"),
    **_each(STR, "method path path_info"),
    "body": BYTES,
}
"""Attribute of a request that was handed over -> what it holds."""

ANNOTATIONS: dict[str, Shape] = {
    "str": STR,
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "bytes": BYTES,
    "decimal.Decimal": DECIMAL,
    "datetime.datetime": DATETIME,
    "datetime.date": DATE,
    "datetime.time": TIME,
    "datetime.timedelta": TIMEDELTA,
    "uuid.UUID": UUID,
    **_each(STR, "pydantic.EmailStr pydantic.StrictStr pydantic.networks.EmailStr pydantic.types.StrictStr"),
    **_each(BOOL, "pydantic.StrictBool pydantic.types.StrictBool"),
    **_each(
        INT,
        "pydantic.StrictInt pydantic.PositiveInt pydantic.NegativeInt pydantic.NonNegativeInt "
        "pydantic.NonPositiveInt pydantic.types.StrictInt pydantic.types.PositiveInt",
    ),
    **_each(
        FLOAT,
        "pydantic.StrictFloat pydantic.PositiveFloat pydantic.NegativeFloat pydantic.NonNegativeFloat "
        "pydantic.NonPositiveFloat pydantic.FiniteFloat",
    ),
    **_each(UUID, "pydantic.UUID1 pydantic.UUID3 pydantic.UUID4 pydantic.UUID5"),
    **_each(DATE, "pydantic.PastDate pydantic.FutureDate"),
    **_each(
        DATETIME,
        "pydantic.AwareDatetime pydantic.NaiveDatetime pydantic.PastDatetime pydantic.FutureDatetime",
    ),
    "collections.abc.Callable": make("callable"),
    **_each(
        make("iterator"),
        "collections.abc.Iterator collections.abc.Generator collections.abc.Iterable "
        "collections.abc.AsyncIterator collections.abc.AsyncGenerator collections.abc.AsyncIterable",
    ),
    **_each(
        make("query"),
        "django.db.models.QuerySet django.db.models.query.QuerySet "
        "sqlalchemy.orm.Query sqlalchemy.orm.query.Query "
        "django.db.models.Manager sqlalchemy.Select sqlalchemy.sql.Select django.db.models.Q",
    ),
    **_each(
        make("session"),
        "sqlalchemy.orm.Session sqlmodel.Session sqlalchemy.orm.scoped_session sqlalchemy.engine.Connection "
        "sqlalchemy.Connection sqlalchemy.ext.asyncio.AsyncSession sqlmodel.ext.asyncio.session.AsyncSession "
        "sqlalchemy.orm.session.Session",
    ),
    **_each(
        make("request"),
        "django.http.HttpRequest django.http.request.HttpRequest rest_framework.request.Request "
        "flask.Request fastapi.Request starlette.requests.Request django.core.handlers.wsgi.WSGIRequest",
    ),
    **_each(
        make("response"),
        "django.http.HttpResponse django.http.JsonResponse flask.Response fastapi.Response "
        "starlette.responses.Response rest_framework.response.Response requests.Response",
    ),
    **_each(
        make("file"),
        "typing.IO typing.TextIO typing.BinaryIO io.BytesIO io.StringIO django.core.files.File "
        "django.core.files.uploadedfile.UploadedFile fastapi.UploadFile starlette.datastructures.UploadFile",
    ),
}
"""Dotted name in an annotation (``typing`` spelled as ``collections.abc`` or as the builtin) -> shape."""

ROW_METHODS = words("save delete refresh_from_db full_clean validate_unique save_base")
"""Methods that only an ORM object has."""
QUERY_METHODS = words(
    "filter exclude order_by select_related prefetch_related annotate values_list values aggregate "
    "filter_by options joinedload"
)
SESSION_METHODS = words("commit flush rollback query execute scalars scalar begin_nested")
FILE_METHODS = words("read readline readlines seek write writelines")
REQUEST_ATTRIBUTES = words("META GET POST COOKIES FILES session method headers build_absolute_uri")

# Of a query: what its methods give, as a row, a row or None, another query, or a value.
ROW_OF_QUERY = words(
    "get create latest earliest one get_or_404 first_or_404 one_or_404 scalar_one get_by_natural_key"
)
ROW_OR_NONE = words("first last one_or_none scalar_one_or_none")
VALUE_OF_QUERY: dict[str, Shape] = {
    "count": INT,
    "exists": BOOL,
    "update": INT,
    "aggregate": make("dict"),
    "iterator": ITERATOR,
    "in_bulk": OBJECT,
    "explain": STR,
}
LISTS_OF_SESSION = frozenset({"all", "fetchall"})

PURE_MODULES = words(
    "abc base64 binascii bisect calendar cmath collections colorsys copy dataclasses decimal difflib "
    "enum fractions functools hashlib heapq hmac html inspect ipaddress itertools json keyword math "
    "numbers operator re shlex statistics string struct textwrap types typing unicodedata "
    "urllib.parse zlib email.utils posixpath os.path pprint zoneinfo typing_extensions"
)
"""Modules whose functions do nothing but compute."""
READING = words(
    "datetime time uuid random secrets platform locale gettext logging warnings traceback contextlib "
    "os.environ os.getenv django.utils django.conf django.urls django.template django.db.models "
    "django.core.exceptions django.shortcuts django.http rest_framework.exceptions "
    "rest_framework.response flask.url_for flask.jsonify flask.current_app flask.render_template "
    "flask.abort sqlalchemy sqlmodel werkzeug.exceptions fastapi.HTTPException "
    "django.contrib.auth.get_user_model csv io pytz dateutil django.core.paginator "
    "django.core.validators django.core.signing django.templatetags django.middleware.csrf mimetypes "
    "django.forms bleach markdown markupsafe "
    "html5lib lxml babel cryptography jwt itsdangerous passlib bcrypt yaml arrow "
    "pendulum humanize slugify publicsuffixlist"
)
"""Prefixes of names whose calls change nothing that outlives the call, though they may look at the world."""
WRITES = words(
    "save delete create bulk_create bulk_update update get_or_create update_or_create add add_all "
    "merge commit flush remove set clear send send_robust delay apply_async apply publish enqueue "
    "write writelines post put patch request execute executemany setex incr decr push lpush rpush "
    "unlink mkdir rename touch append extend insert pop popitem setdefault discard sort reverse"
)
"""Methods that change what they are called on, or what is behind it."""
LOGGING = words("debug info warning warn error exception critical log isEnabledFor")
"""Methods of a logger."""
OF_RECORDS = words(
    "model_validate model_validate_json model_dump model_dump_json model_copy parse_obj parse_raw json dict "
    "copy model_json_schema schema"
)
"""Methods of pydantic's models."""
LOCAL_WRITES = words(
    "append extend insert pop popitem setdefault discard sort reverse add update clear remove write "
    "writerow writerows writelines"
)
"""Those that change no more than a list, dict, set or buffer in memory."""

READ_METHODS = words(
    "select where filter filter_by exclude join outerjoin order_by group_by having limit offset "
    "options label desc asc in_ is_ is_not isnot like ilike contains all first one one_or_none "
    "fetchall fetchone scalar scalars scalar_one scalar_one_or_none subquery with_entities distinct "
    "exists count values_list values select_related prefetch_related annotate aggregate alias "
    "columns items keys get copy mappings split rsplit startswith endswith lower upper strip lstrip "
    "rstrip format encode decode isoformat strftime date time astimezone timestamp total_seconds "
    "hexdigest digest title splitlines isdigit find getvalue group groups match search partition "
    "rpartition zfill weekday quantize"
)
"""Methods that change nothing, whatever library the object is from."""

ASKING = words(
    "all count execute exists fetchall fetchone filter filter_by first get one one_or_none scalar scalars "
    "select"
)
"""Those of them that may ask a database or another service."""

MAPPINGS = words("cleaned_data GET POST META COOKIES headers")
"""Attributes of forms and requests that hold texts by name, whose ``get`` asks nobody."""
WORLD = words(
    "os.stat os.listdir os.scandir os.walk os.access glob.glob glob.iglob socket.gethostbyname "
    "requests.get requests.head httpx.get httpx.head"
)
"""Functions that look at something outside the process and change nothing."""

PLAIN_BASES = (
    *("abc.", "builtins.", "collections.", "dataclasses.", "enum.", "html.parser.", "json.", "string."),
    *("typing.", "typing_extensions.", "django.forms.", "django.utils.", "django.core.validators."),
    *("django.core.signing.", "pydantic.BaseModel", "pydantic.main."),
)
"""Beginnings of names of library classes whose instances hold nothing but what they are given."""
OF_TABLES = ("model", "queryset", "inlineformset", "file", "image")
"""What the name of such a class does not hold, in small letters: it reads tables, or files."""

THREADS = words("threading.local contextvars.ContextVar asgiref.local.Local werkzeug.local.Local")
"""What holds another value in each thread or task."""
MACHINE = words("subprocess os.system os.popen os.fork os.kill os.execv multiprocessing")
"""What starts or stops programs of this machine."""

REGISTERING = words(
    "connect disconnect register subscribe add_listener add_url_rule register_blueprint listens_for"
)
"""Methods that take a function to call it later."""

AMBIENT = words(
    "flask.request flask.session flask.g flask_login.current_user "
    "flask_jwt_extended.get_jwt_identity flask.has_request_context flask_security.current_user "
    "flask.flash flask_login.login_user flask_login.logout_user crum.get_current_user "
    "crum.get_current_request"
)
"""What belongs to the request that is being served: another process has another one, or none."""

KEEPING = words(
    "staticmethod classmethod property cached_property lru_cache cache atomic wraps shared_task task "
    "receiver override overload final abstractmethod"
)
"""Last parts of names of decorators that keep what a function returns."""


def is_plain_base(name: str) -> bool:
    """Whether instances of a library's class hold nothing but what they are given."""
    of_tables = name.startswith("django.") and any(word in name.lower() for word in OF_TABLES)
    return name.startswith(PLAIN_BASES) and not of_tables
