"""What a web framework says of its requests, beside names: who answers a method, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from strangler.analyzers.plugin.requests.handlers import Handled, by_names
from strangler.analyzers.plugin.requests.names import RequestNames

if TYPE_CHECKING:
    from strangler.analyzers.plugin.requests.bodies import Draft
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.values import Class, Function
    from strangler.model import Endpoint


class RequestReader:
    """How the requests of a framework's endpoints are read off the code. Override what applies."""

    names = RequestNames()

    def handled(self, interp: Interpreter, endpoint: Endpoint, handler: Class, method: str) -> Handled:
        """The functions of a class that answer a method; by default the one with the method's name."""
        return by_names(interp, handler, [method.lower()], method, self.names)

    def signature(self, interp: Interpreter, endpoint: Endpoint, function: Function, draft: Draft) -> None:
        """Add to ``draft`` what the parameters of a function that answers take from the request."""

    def schema(self, interp: Interpreter, code: Handled) -> Class | None:
        """The schema that a view class loads the body with by itself."""
        return None

    def guards(self, interp: Interpreter, functions: list[Function]) -> Iterable[str]:
        """Dotted names of what is asked before the functions, beside decorators."""
        return ()
