"""A sample monolith, or a service of it, on the database of ``TEST_URL``: seeded, or served.

python on_postgres.py NAME seed|PORT        in the folder of its code
"""

from __future__ import annotations

import os
import sys
from typing import Any

NOW = "2026-03-10T12:00:00+00:00"
URL = os.environ["TEST_URL"].replace("postgresql://", "postgresql+psycopg://")


def django_shop(what: str) -> None:
    import runpy

    given = ["--seed-only"] if what == "seed" else ["--port", what, "--now", NOW]
    sys.argv = ["serve.py", *given]
    runpy.run_path("serve.py", run_name="__main__")


def clinic() -> Any:
    """The application of the clinic."""
    from clinic import create_app  # type: ignore[import-not-found,unused-ignore]

    return create_app({"SQLALCHEMY_DATABASE_URI": URL, "CLINIC_NOW": NOW})


def flask_clinic(what: str) -> None:
    app = clinic()
    if what == "seed":
        from clinic.seed import seed  # type: ignore[import-not-found,unused-ignore]

        with app.app_context():
            seed()
    else:
        from waitress import serve

        serve(app, host="127.0.0.1", port=int(what), threads=4)


def courier() -> Any:
    """The engine of the courier."""
    os.environ["COURIER_NOW"] = NOW
    from courier.core import db  # type: ignore[import-not-found,unused-ignore]
    from sqlmodel import create_engine

    db.engine = create_engine(URL)
    return db.engine


def fastapi_courier(what: str) -> None:
    courier()
    if what == "seed":
        from courier.seed import seed  # type: ignore[import-not-found,unused-ignore]

        seed()
    else:
        import uvicorn
        from courier.main import app  # type: ignore[import-not-found,unused-ignore]

        uvicorn.run(app, host="127.0.0.1", port=int(what), log_level="warning")


if __name__ == "__main__":
    sys.path.insert(0, ".")
    {"django_shop": django_shop, "flask_clinic": flask_clinic, "fastapi_courier": fastapi_courier}[
        sys.argv[1]
    ](sys.argv[2])
