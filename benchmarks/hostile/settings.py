"""Project and configuration files that are broken, odd or hostile."""

from __future__ import annotations

from case import Case, with_files

PYPROJECT = {
    "tool-number": "tool = 5\n",
    "tool-list": "tool = [1]\n",
    "strangler-number": "[tool]\nstrangler = 5\n",
    "broken": "[tool\n",
    "not-utf8": b"\xff\xfe[tool]",
    "brackets": "a = " + "[" * 100_000,
    "keys": ".".join(["a"] * 5000) + " = 1\n",
    "setuptools-odd": "[tool.setuptools]\npackage-dir = 5\npackages = {find = 3}\n",
    "setuptools-out": "[tool.setuptools]\npackage-dir = {'' = '../../../etc'}\n",
    "pytest-odd": "[tool.pytest.ini_options]\npythonpath = {a = 1}\n",
    "pytest-out": "[tool.pytest.ini_options]\npythonpath = ['/', '../..', '~']\n",
    "poetry-odd": "[tool.poetry]\npackages = [1, {include = 2}]\n",
    "project-odd": "[project]\ndependencies = {a = 1}\nscripts = 3\n",
    "uv-odd": "[tool.uv]\nworkspace = 1\n[tool.uv.sources]\nx = 3\n",
}
OWN = {
    "unknown-key": "nonsense = 1\n",
    "wrong-type": "[analyze]\nroots = 5\n",
    "regex": "exclude = ['(((((']\n",
    "roots-out": "roots = ['/etc', '../..']\n",
    "exclude-all": "exclude = ['**']\n",
    "huge-number": "[history]\nmax-files = 99999999999999999999999999\n",
    "date": "[history]\nsince = 9999-12-31\n",
    "broken": "= =\n",
}
SETTINGS = {
    "apps-number": "INSTALLED_APPS = 5\n",
    "apps-odd": "INSTALLED_APPS = [None, 1, [], '', '..', '/etc', 'good', 'a' * 10 ** 9]\n",
    "apps-unknown": "INSTALLED_APPS = unknown()\n",
    "urlconf-odd": "ROOT_URLCONF = ['good.urls']\n",
    "urlconf-self": "ROOT_URLCONF = 'good.settings'\n",
    "databases-odd": "DATABASES = {'default': 5, 1: 2}\nDATABASE_ROUTERS = [1, 'nowhere.Router', None]\n",
    "middleware-odd": "MIDDLEWARE = {'a': 1}\nTEMPLATES = [1, {}]\n",
    "celery-odd": "CELERY_BEAT_SCHEDULE = [1]\nbeat_schedule = 'x'\n",
    "rest-odd": "REST_FRAMEWORK = [1]\nAUTH_USER_MODEL = 5\n",
    "environment": "import os\nINSTALLED_APPS = os.environ['X'].split(',')\nROOT_URLCONF = os.getenv('Y')\n",
}
OTHER = {
    "setup-cfg-cycle": {"setup.cfg": "[a]\nx = %(y)s\ny = %(x)s\n[options]\npackage_dir =\n  = %(z)s\n"},
    "setup-cfg-broken": {"setup.cfg": "no section\n\x00"},
    "setup-py": {
        "setup.py": "import os\nos.system('touch $MARKER')\nfrom setuptools import setup\nsetup(package_dir={'': '../../etc'})\n"
    },
    "pytest-ini": {"pytest.ini": "[pytest]\npythonpath = / ../.. ~\n"},
    "tox-ini": {"tox.ini": "[pytest]\npythonpath = %(x)s\n"},
    "requirements": {
        "requirements.txt": "-r requirements.txt\n-r /etc/passwd\n-e .\n--index-url http://evil\n\x00\n"
    },
    "pipfile": {"Pipfile": "[[source\n"},
    "yaml-bomb": {
        "serverless.yml": "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a]\n" for n in range(99)),
        "docker-compose.yml": "a: *b\n",
    },
    "codeowners": {"CODEOWNERS": "[" * 10_000 + "\n" + "* @a\n" * 10_000 + "\x00\n\\\n"},
    "gitmodules": {
        ".gitmodules": '[submodule "../../etc"]\n\tpath = ../../etc\n\turl = ext::sh -c touch% $MARKER\n'
    },
    "notebook": {"good/n.ipynb": "{" * 10_000},
    "cython": {"good/n.pyx": "cdef int x\n" * 1000},
    "boundaries-broken": {"strangler-boundaries.toml": "= =\n"},
    "boundaries-odd": {"strangler-boundaries.toml": "[[context]]\nname = 5\nmodules = 'x'\n"},
    "boundaries-quotes": {"strangler-boundaries.toml": "version = 1\n# " + '\\"' * 400_000 + "\n"},
    "requirements-blank": {"requirements.txt": "\n" * 900_000},
    "gitmodules-blank": {".gitmodules": "\n" * 900_000},
    "setup-py-open": {"setup.py": "install_requires=[" * 50_000},
    "dockerfile-spaces": {"Dockerfile": "WORKDIR" + " " * 900_000},
    "start-open": {"manage.py": "sys.path.append(" * 50_000},
    "ignore-revs": {".git-blame-ignore-revs": "\x00" * 10_000},
}
CASES: list[Case] = [
    *(
        with_files(f"pyproject-{name}", {"pyproject.toml": text}, good=name != "strangler-number")
        for name, text in PYPROJECT.items()
    ),
    *(with_files(f"own-{name}", {"strangler.toml": text}, good=False) for name, text in OWN.items()),
    *(
        with_files(f"django-{name}", {"good/settings.py": text}, good=False)
        for name, text in SETTINGS.items()
    ),
    *(with_files(name, files, good=not name.startswith("boundaries")) for name, files in OTHER.items()),  # type: ignore[arg-type]
]
