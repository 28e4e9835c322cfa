"""Whatever a name of the code base holds: in the code that a plan writes it is a name and no more."""

from __future__ import annotations

import ast
import io
import tokenize

import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from strangler.literals import python_comment, python_literal, python_text, sql_name, sql_text

names = st.text(max_size=40) | st.sampled_from(
    ('"', "'", "\\", "a\nb", "\u2028", "\x00", "\ud800", "é", "#", "*/ --", "{}", "\\N{DASH}")
)


@given(names)
def test_a_string_in_python_is_read_back_as_it_was(name: str) -> None:
    assert ast.literal_eval(python_text(name)) == name
    assert python_text(name).isascii()
    assert "\n" not in python_text(name)


@given(
    st.recursive(
        names | st.integers() | st.none(), lambda x: st.lists(x, max_size=3) | st.dictionaries(names, x)
    )
)
def test_a_value_in_python_is_read_back_as_it_was(value: object) -> None:
    assert ast.literal_eval(python_literal(value)) == value
    assert python_literal(value).isascii()


@given(names)
def test_a_comment_in_python_ends_where_it_should(name: str) -> None:
    source = f"a = 1  # {python_comment(name)}\nb = 2\n"
    assert source.isascii()
    kinds = [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline)]
    assert kinds.index("b") > kinds.index("a")
    assert [type(node) for node in ast.parse(source).body] == [ast.Assign, ast.Assign]


@given(names)
def test_a_name_and_a_string_in_sql_end_where_they_should(name: str) -> None:
    (statement,) = sqlglot.parse(f"SELECT {sql_text(name)} FROM {sql_name(name or 'x')}", dialect="postgres")
    assert isinstance(statement, sqlglot.exp.Select)
    assert "\n" not in sql_text(name) + sql_name(name)
