"""WTForms and Flask-WTF: forms that read the request by themselves."""

from __future__ import annotations

from strangler.analyzers.plugin import Framework, Knowledge, SchemaLibrary


class WTForms(Framework):
    """The fields of forms."""

    name = "wtforms"
    packages = ("wtforms", "flask_wtf")

    def teach(self, knowledge: Knowledge) -> None:
        for start in ("wtforms.", "flask_wtf."):
            library = SchemaLibrary("form", reads_request=True, required="by validators")
            knowledge.shared(SchemaLibrary)[start] = library
