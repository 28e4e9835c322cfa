"""Edit imports, calls, methods, decorators and last lines of files with libcst, keeping every other byte."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import limits  # type: ignore[import-not-found]


def main() -> None:
    """Answer for each file with its new text, or with what could not be done."""
    payload = limits.start()
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider

    limits.answer({"ready": True})

    space = libcst.SimpleWhitespace(" ")

    class Editor(libcst.CSTTransformer):
        METADATA_DEPENDENCIES = (PositionProvider,)

        def __init__(self, file: dict[str, Any]) -> None:
            super().__init__()
            self.statements = {item["line"]: item for item in file["statements"]}
            self.calls = {(item["line"], item["column"]): item for item in file["calls"]}
            self.methods = {(item["line"], item["name"]): item["new"] for item in file["methods"]}
            self.met: set[tuple[int, str]] = set()
            self.decorators = {item["line"]: item["text"] for item in file["decorators"]}
            self.imports = [libcst.parse_statement(text) for text in file["imports"]]
            self.last = [libcst.parse_statement(text) for text in file["last"]]

        def leave_Call(self, original_node: libcst.Call, updated_node: libcst.Call) -> libcst.Call:
            start = self.get_metadata(PositionProvider, original_node).start
            function = updated_node.func
            if isinstance(function, libcst.Attribute):
                place = (start.line, function.attr.value)
                new = self.methods.get(place)
                if new is not None:
                    self.met.add(place)
                    row = libcst.Arg(function.value)
                    if updated_node.args:
                        row = row.with_changes(comma=libcst.Comma(libcst.SimpleWhitespace(""), space))
                    return updated_node.with_changes(
                        func=libcst.parse_expression(new), args=[row, *updated_node.args]
                    )
            return updated_node

        def leave_Attribute(self, original_node: libcst.Attribute, updated_node: libcst.Attribute) -> Any:
            return self.named(original_node, updated_node)

        def leave_Name(self, original_node: libcst.Name, updated_node: libcst.Name) -> Any:
            return self.named(original_node, updated_node)

        def named(self, original_node: Any, updated_node: Any) -> Any:
            """What stands for the called thing, also where that is handed on instead."""
            if not self.calls:
                return updated_node
            start = self.get_metadata(PositionProvider, original_node).start
            item = self.calls.get((start.line, start.column))
            if item is None or text_of(original_node) != item["old"]:
                return updated_node
            del self.calls[start.line, start.column]
            return libcst.parse_expression(item["new"])

        def leave_FunctionDef(
            self, original_node: libcst.FunctionDef, updated_node: libcst.FunctionDef
        ) -> libcst.FunctionDef:
            line = self.get_metadata(PositionProvider, original_node.name).start.line
            text = self.decorators.pop(line, None)
            if text is None:
                return updated_node
            added = libcst.Decorator(libcst.parse_expression(text))
            return updated_node.with_changes(decorators=[*updated_node.decorators, added])

        def leave_Module(self, original_node: libcst.Module, updated_node: libcst.Module) -> libcst.Module:
            body = list(updated_node.body)
            if self.imports:
                places = [number for number, item in enumerate(body) if imports(item)]
                text = bool(body) and original_node.get_docstring() is not None
                at = places[-1] + 1 if places else int(text)
                body[at:at] = self.imports
            if self.last:
                blank = [libcst.EmptyLine(indent=False)]
                body += [self.last[0].with_changes(leading_lines=blank), *self.last[1:]]
            return updated_node.with_changes(body=body)

        def leave_SimpleStatementLine(
            self, original_node: libcst.SimpleStatementLine, updated_node: libcst.SimpleStatementLine
        ) -> Any:
            line = self.get_metadata(PositionProvider, original_node).start.line
            item = self.statements.get(line)
            statement = updated_node.body[0]
            if item is None or not isinstance(statement, (libcst.Import, libcst.ImportFrom)):
                return updated_node
            if len(updated_node.body) > 1 or isinstance(statement.names, libcst.ImportStar):
                return updated_node
            del self.statements[line]
            names = [name for name in statement.names if bound(name) not in item["remove"]]
            added = [libcst.parse_statement(text) for text in item["after"]]
            if not names and not added:
                return libcst.RemoveFromParent()
            if not names:
                added[0] = added[0].with_changes(leading_lines=updated_node.leading_lines)
                added[-1] = added[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
                return libcst.FlattenSentinel(added)
            names[-1] = names[-1].with_changes(comma=last_comma(names[-1].comma, statement.names[-1].comma))
            kept = updated_node.with_changes(body=[statement.with_changes(names=names)])
            return libcst.FlattenSentinel([kept, *added])

    def last_comma(own: Any, last: Any) -> Any:
        """What stands after a name that has become the last one: its comment, and what closed the list."""
        if not isinstance(own, libcst.Comma) or not isinstance(last, libcst.Comma):
            return last
        before, after = own.whitespace_after, last.whitespace_after
        if not isinstance(before, libcst.ParenthesizedWhitespace):
            return last
        if not isinstance(after, libcst.ParenthesizedWhitespace):
            return last
        return own.with_changes(whitespace_after=after.with_changes(first_line=before.first_line))

    def imports(statement: Any) -> bool:
        return isinstance(statement, libcst.SimpleStatementLine) and isinstance(
            statement.body[0], (libcst.Import, libcst.ImportFrom)
        )

    def text_of(node: libcst.CSTNode) -> str:
        return libcst.Module(body=[]).code_for_node(node)

    def bound(name: libcst.ImportAlias) -> str:
        if name.asname is not None:
            return text_of(name.asname.name)
        return text_of(name.name).partition(".")[0]

    for file in payload["files"]:
        try:
            module = libcst.parse_module(file["text"].encode("latin-1"))
            editor = Editor(file)
            found = MetadataWrapper(module, unsafe_skip_copy=True).visit(editor)
        except (libcst.ParserSyntaxError, UnicodeError, RecursionError, LookupError) as error:
            limits.answer({"path": file["path"], "problem": f"libcst: {str(error).splitlines()[0][:200]}"})
            continue
        left = [line for line, _ in (*editor.calls, *(editor.methods.keys() - editor.met))]
        if editor.statements or editor.decorators or left:
            missed = sorted([*editor.statements, *editor.decorators, *left])
            limits.answer({"path": file["path"], "problem": f"line {missed[0]} is written in an unusual way"})
            continue
        limits.answer({"path": file["path"], "text": found.bytes.decode("latin-1")})


main()
