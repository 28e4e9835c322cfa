"""The clinic's pharmacy written anew: Starlette for Flask, plain SQL on a database of its own.

    python pharmacy.py --backfill CLINIC.sqlite3 --database FILE
    python pharmacy.py --port N --database FILE --log FILE [--now TIME] [--defect NAME]

The first fills its database from the monolith's. Of the other contexts it keeps what it needs: names of
patients, their allergies, and who may ask. A defect is one way to get the job wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCHEMA = """
CREATE TABLE shelf (code TEXT PRIMARY KEY, name TEXT, cents INTEGER, pieces INTEGER, substance TEXT);
CREATE TABLE script (id INTEGER PRIMARY KEY, patient INTEGER, code TEXT, quantity INTEGER, issued TEXT);
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE allergy (person INTEGER, substance TEXT);
CREATE TABLE staff (token_hash TEXT PRIMARY KEY, role TEXT);
"""
WORDS = {
    400: ("Bad Request", "The browser (or proxy) sent a request that this server could not understand."),
    401: (
        "Unauthorized",
        "The server could not verify that you are authorized to access the URL requested. You either "
        "supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to "
        "supply the credentials required.",
    ),
    403: (
        "Forbidden",
        "You don't have the permission to access the requested resource. It is either read-protected or not "
        "readable by the server.",
    ),
    404: (
        "Not Found",
        "The requested URL was not found on the server. If you entered the URL manually please check your "
        "spelling and try again.",
    ),
    405: ("Method Not Allowed", "The method is not allowed for the requested URL."),
}
DEFECTS = (
    "none",
    "prices are numbers",
    "nurses may prescribe",
    "times are in UTC",
    "wrong error body",
)
PAGE = 4
ZONE = ZoneInfo("Europe/Vienna")


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def backfill(monolith: Path, own: Path) -> None:
    """Make the service's database from the monolith's."""
    source = sqlite3.connect(f"file:{monolith}?mode=ro", uri=True)
    own.unlink(missing_ok=True)
    with sqlite3.connect(own) as target:
        target.executescript(SCHEMA)
        for code, name, price, pieces, substance in source.execute(
            "SELECT code, name, price, in_stock, contains FROM medicine"
        ):
            cents = int((Decimal(str(price)) * 100).to_integral_value())
            target.execute("INSERT INTO shelf VALUES (?, ?, ?, ?, ?)", (code, name, cents, pieces, substance))
        copies = {
            "script": "SELECT p.id, p.patient_id, m.code, p.quantity, p.issued_at FROM prescription p "
            "JOIN medicine m ON m.id = p.medicine_id",
            "person": "SELECT id, first_name || ' ' || last_name FROM patients",
            "allergy": "SELECT patient_id, substance FROM allergy",
        }
        for table, query in copies.items():
            rows = source.execute(query).fetchall()
            marks = ", ".join("?" * len(rows[0])) if rows else ""
            target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        staff = source.execute("SELECT token, role FROM employee WHERE token IS NOT NULL")
        target.executemany("INSERT INTO staff VALUES (?, ?)", [(hashed(t), role) for t, role in staff])


class RefusedError(Exception):
    """An answer that ends the request."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body


class Pharmacy:
    """The handlers, over one database."""

    def __init__(self, database: Path, now: str | None, defect: str) -> None:
        self._database, self._now, self._defect = database, now, defect

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with sqlite3.connect(self._database, timeout=10) as connection:
            return connection.execute(query, values).fetchall()

    def _allow(self, request: Request, *roles: str) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = self._rows("SELECT role FROM staff WHERE token_hash = ?", hashed(token))
        if scheme != "Bearer" or not found:
            raise HTTPException(401)
        if roles and found[0][0] not in roles:
            raise HTTPException(403)

    def _price(self, cents: int) -> Any:
        if self._defect == "prices are numbers":
            return cents / 100
        return f"{cents // 100}.{cents % 100:02}"

    def _local(self, issued: str) -> str:
        zone = UTC if self._defect == "times are in UTC" else ZONE
        return datetime.fromisoformat(issued).replace(tzinfo=UTC).astimezone(zone).isoformat()

    @staticmethod
    def _page(request: Request, items: list[Any], **kept: str | None) -> JSONResponse:
        text = request.query_params.get("page", "1")
        page = int(text) if text.removeprefix("-").isdigit() else 1
        shown = items[(page - 1) * PAGE : page * PAGE] if page > 0 else []
        if page < 1 or (not shown and page != 1):
            raise HTTPException(404)
        following = None
        if page * PAGE < len(items):
            following = request.url.include_query_params(page=page + 1, **kept)
        link = f"{following.path}?{following.query}" if following else None
        return JSONResponse({"items": shown, "total": len(items), "page": page, "next": link})

    def _unknown(self) -> RefusedError:
        if self._defect == "wrong error body":
            return RefusedError(404, {"detail": "Not Found"})
        return RefusedError(404, {"error": "Not Found", "detail": "No such medicine."})

    @staticmethod
    async def _fields(request: Request, **kinds: Any) -> dict[str, Any]:
        try:
            body = await request.json()
        except ValueError:
            body = None
        kind = request.headers.get("content-type", "").partition(";")[0]
        if not isinstance(body, dict) or kind != "application/json":
            raise RefusedError(422, {"errors": {"body": "A JSON object is needed."}})
        values, errors = {}, {}
        for name, make in kinds.items():
            try:
                values[name] = make(body[name])
            except KeyError:
                errors[name] = "This field is required."
            except (TypeError, ValueError):
                errors[name] = "Not a valid value."
        if errors:
            raise RefusedError(422, {"errors": errors})
        return values

    async def medicines(self, request: Request) -> Response:
        self._allow(request)
        available = request.query_params.get("available")
        rows = self._rows("SELECT code, name, cents, pieces FROM shelf ORDER BY name")
        items = [
            {"code": code, "name": name, "price": self._price(cents), "in_stock": pieces}
            for code, name, cents, pieces in rows
            if pieces > 0 or not available
        ]
        return self._page(request, items)

    async def medicine(self, request: Request) -> Response:
        self._allow(request)
        code = request.path_params["code"]
        rows = self._rows("SELECT code, name, cents, pieces FROM shelf WHERE code = ?", code)
        if not rows:
            raise self._unknown()
        _, name, cents, pieces = rows[0]
        ((prescribed,),) = self._rows("SELECT count(*) FROM script WHERE code = ?", code)
        found = {"code": code, "name": name, "price": self._price(cents), "in_stock": pieces}
        return JSONResponse(found | {"prescribed": prescribed})

    async def restock(self, request: Request) -> Response:
        self._allow(request, "nurse")
        pieces = (await self._fields(request, pieces=int))["pieces"]
        code = request.path_params["code"]
        if not self._rows("SELECT 1 FROM shelf WHERE code = ?", code):
            raise self._unknown()
        self._rows("UPDATE shelf SET pieces = pieces + ? WHERE code = ?", pieces, code)
        ((now,),) = self._rows("SELECT pieces FROM shelf WHERE code = ?", code)
        return JSONResponse({"code": code, "in_stock": now})

    async def prescriptions(self, request: Request) -> Response:
        self._allow(request, "doctor", "nurse")
        return self._page(request, self._scripts("1 = 1"))

    def _scripts(self, condition: str, *values: Any) -> list[Any]:
        rows = self._rows(
            "SELECT s.id, p.name, m.name, s.quantity, s.issued FROM script s "
            "JOIN person p ON p.id = s.patient JOIN shelf m ON m.code = s.code "
            f"WHERE {condition} ORDER BY s.issued DESC, s.id",
            *values,
        )
        names = ("id", "patient", "medicine", "quantity", "issued_at")
        return [dict(zip(names, (*row[:4], self._local(row[4])), strict=True)) for row in rows]

    async def prescribe(self, request: Request) -> Response:
        self._allow(request, "doctor", *(["nurse"] if self._defect == "nurses may prescribe" else []))
        fields = await self._fields(request, patient_id=int, medicine=str, quantity=int)
        patient, code, quantity = fields["patient_id"], fields["medicine"], fields["quantity"]
        if not self._rows("SELECT 1 FROM person WHERE id = ?", patient):
            raise HTTPException(404)
        medicine = self._rows("SELECT name, pieces, substance FROM shelf WHERE code = ?", code)
        if not medicine:
            raise RefusedError(422, {"errors": {"medicine": "No such medicine."}})
        name, pieces, substance = medicine[0]
        if self._rows("SELECT 1 FROM allergy WHERE person = ? AND substance = ?", patient, substance):
            raise RefusedError(
                409, {"error": "Conflict", "detail": f"The patient is allergic to {substance}."}
            )
        if pieces < quantity:
            raise RefusedError(409, {"error": "Conflict", "detail": f"{name} is out of stock."})
        now = datetime.fromisoformat(self._now) if self._now else datetime.now(UTC)
        issued = now.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        self._rows("UPDATE shelf SET pieces = pieces - ? WHERE code = ?", quantity, code)
        ((number,),) = self._rows(
            "INSERT INTO script (patient, code, quantity, issued) VALUES (?, ?, ?, ?) RETURNING id",
            patient,
            code,
            quantity,
            issued,
        )
        return JSONResponse(self._scripts("s.id = ?", number)[0], 201)


ALLOWED = {"medicines": "GET", "medicine": "GET", "restock": "POST", "prescriptions": "GET, POST"}


def both(handlers: Pharmacy, name: str) -> Any:
    """One endpoint for all methods of a path, as the paths here answer more than their handlers."""

    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        allowed = ALLOWED[name].split(", ")
        if method == "OPTIONS":
            shown = sorted({*allowed, "OPTIONS", *(["HEAD"] if "GET" in allowed else [])})
            headers = {"Allow": ", ".join(shown), "Content-Type": "text/html; charset=utf-8"}
            return Response(b"", headers=headers)
        if method not in allowed:
            raise HTTPException(405)
        handler = "prescribe" if (name, method) == ("prescriptions", "POST") else name
        return await getattr(handlers, handler)(request)

    return endpoint


def application(handlers: Pharmacy, log: Path) -> Starlette:
    everything = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    root = "/api/v1/pharmacy"
    paths = {
        "/medicines": "medicines",
        "/medicines/{code}": "medicine",
        "/medicines/{code}/restock": "restock",
        "/prescriptions": "prescriptions",
    }

    async def healthz(request: Request) -> Response:
        return Response("up")

    def on_refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)
        return JSONResponse(error.body, error.status)

    def on_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        name, detail = WORDS[error.status_code]
        return JSONResponse({"error": name, "detail": detail}, error.status_code)

    app = Starlette(
        routes=[
            Route("/healthz", healthz),
            *(Route(root + path, both(handlers, name), methods=everything) for path, name in paths.items()),
        ],
        exception_handlers={RefusedError: on_refused, HTTPException: on_error},
    )
    app.router.redirect_slashes = False

    async def logged(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] != "/healthz":
            with log.open("a", encoding="utf-8") as out:
                out.write(f"{scope['method']} {scope['path']}\n")
        await app(scope, receive, send)

    return logged  # type: ignore[return-value]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--backfill", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--now")
    parser.add_argument("--defect", choices=DEFECTS, default="none")
    options = parser.parse_args()
    if options.backfill:
        backfill(options.backfill, options.database)
        return
    import uvicorn

    handlers = Pharmacy(options.database, options.now, options.defect)
    uvicorn.run(application(handlers, options.log), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
