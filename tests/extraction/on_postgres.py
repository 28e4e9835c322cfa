"""A sample monolith without migrations, or its service, on PostgreSQL: seeded, or served.

python on_postgres.py NAME URL seed|PORT        in the folder of its code
"""

from __future__ import annotations

import sys
from typing import Any

NOW = "2026-03-10T12:00:00+00:00"


def clinic(url: str, what: str) -> Any:
    from clinic import create_app  # type: ignore[import-not-found,unused-ignore]

    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "CLINIC_NOW": NOW})
    if what == "seed":
        from clinic.seed import seed  # type: ignore[import-not-found,unused-ignore]

        with app.app_context():
            seed()
    return app


def courier(url: str, what: str) -> Any:
    import os

    os.environ["COURIER_NOW"] = NOW
    from courier.core import db  # type: ignore[import-not-found,unused-ignore]
    from sqlmodel import create_engine

    db.engine = create_engine(url)
    if what == "seed":
        from courier.seed import seed  # type: ignore[import-not-found,unused-ignore]

        seed()
        return None
    from courier.main import app  # type: ignore[import-not-found,unused-ignore]

    return app


def main(name: str, url: str, what: str) -> None:
    sys.path.insert(0, ".")
    url = url.replace("postgresql://", "postgresql+psycopg://")
    app = (clinic if name == "flask_clinic" else courier)(url, what)
    if what == "seed":
        return
    if name == "flask_clinic":
        from waitress import serve

        serve(app, host="127.0.0.1", port=int(what), threads=4)
    else:
        import uvicorn

        uvicorn.run(app, host="127.0.0.1", port=int(what), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
