"""Facts about distributions that their names do not tell: what they are imported as, and who loads them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from strangler.extraction.reader import Reader
from strangler.model import Evidence
from strangler.sources.requirements import normal, probable

_IMPORTED_AS = {
    "antlr4_python3_runtime": "antlr4",
    "argon2_cffi": "argon2",
    "attrs": "attr",
    "beautifulsoup4": "bs4",
    "biopython": "Bio",
    "django_allauth": "allauth",
    "django_compressor": "compressor",
    "django_cors_headers": "corsheaders",
    "django_crispy_forms": "crispy_forms",
    "django_debug_toolbar": "debug_toolbar",
    "django_filter": "django_filters",
    "django_modelcluster": "modelcluster",
    "django_oauth_toolkit": "oauth2_provider",
    "django_polymorphic": "polymorphic",
    "django_rest_framework": "rest_framework",
    "djangorestframework": "rest_framework",
    "djangorestframework_jwt": "rest_framework_jwt",
    "djangorestframework_simplejwt": "rest_framework_simplejwt",
    "dnspython": "dns",
    "drf_nested_routers": "rest_framework_nested",
    "gitpython": "git",
    "google_api_python_client": "googleapiclient",
    "grpcio": "grpc",
    "ipython": "IPython",
    "msgpack_python": "msgpack",
    "mysqlclient": "MySQLdb",
    "opencv_python": "cv2",
    "opencv_python_headless": "cv2",
    "pillow": "PIL",
    "pillow_simd": "PIL",
    "protobuf": "google.protobuf",
    "psycopg2_binary": "psycopg2",
    "pycrypto": "Crypto",
    "pycryptodome": "Crypto",
    "pycryptodomex": "Cryptodome",
    "pyjwt": "jwt",
    "pymupdf": "fitz",
    "pynacl": "nacl",
    "pyopenssl": "OpenSSL",
    "pyserial": "serial",
    "python_dateutil": "dateutil",
    "python_docx": "docx",
    "python_dotenv": "dotenv",
    "python_jose": "jose",
    "python_json_logger": "pythonjsonlogger",
    "python_ldap": "ldap",
    "python_levenshtein": "Levenshtein",
    "python_magic": "magic",
    "python_memcached": "memcache",
    "python_multipart": "multipart",
    "python_pptx": "pptx",
    "python_slugify": "slugify",
    "python3_openid": "openid",
    "python3_saml": "onelogin",
    "pyyaml": "yaml",
    "pyzmq": "zmq",
    "scikit_learn": "sklearn",
    "scikit_image": "skimage",
    "setuptools": "pkg_resources",
    "social_auth_app_django": "social_django",
    "social_auth_core": "social_core",
    "websocket_client": "websocket",
}
"""Distribution -> module, where it is not the name itself."""

_LOADED = {
    "a database driver": (
        "aiomysql aiosqlite asyncmy asyncpg cx_oracle mssql_django mysql_connector_python mysqlclient "
        "oracledb psycopg psycopg2 psycopg2_binary psycopg_binary pymssql pymysql pyodbc"
    ),
    "a client of a cache or a queue": (
        "amqp hiredis kombu librabbitmq pylibmc pymemcache python_memcached redis"
    ),
    "a server": "asgiref daphne eventlet gevent granian gunicorn hypercorn uvicorn uvloop uwsgi waitress",
    "what a framework takes by itself": (
        "argon2_cffi bcrypt brotli email_validator h2 httptools itsdangerous jinja2 orjson pillow "
        "python_multipart pytz setuptools tzdata ujson watchdog websockets whitenoise"
    ),
}
_REASON = {name: reason for reason, names in _LOADED.items() for name in names.split()}


def loaded(distribution: str) -> str | None:
    """What loads a distribution although no code imports it; None where nothing is known to."""
    return _REASON.get(normal(distribution))


def modules(distribution: str) -> tuple[str, ...]:
    """What a distribution may be imported as, likeliest first: ``google_cloud_storage`` means
    ``google.cloud.storage`` too."""
    name = normal(distribution)
    known = _IMPORTED_AS.get(name)
    return tuple(dict.fromkeys(filter(None, (known and normal(known), name, probable(distribution)))))


_ITSELF = re.compile(
    r"\b(?:version|distribution|metadata|get_distribution|require)\(\s*[\"']([\w.-]+)[\"']\s*\)"
)


def asks_for_itself(reader: Reader, held: Iterable[str]) -> Evidence | None:
    """The first place of held code that asks for the metadata of the monolith's own distribution."""
    own = normal(reader.tree.name)
    for name in sorted(held):
        source = reader.source(name)
        if source is None or not re.search(r"\b(importlib[._]metadata|pkg_resources)\b", source.text):
            continue
        for match in _ITSELF.finditer(source.text):
            if normal(match[1]) == own:
                line = source.text.count("\n", 0, match.start()) + 1
                return Evidence(file=source.path, line=line, symbol="")
    return None
