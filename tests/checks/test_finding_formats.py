"""Findings of `strangler check` as other programs read them."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.checks import Outcome
from strangler.checks.baseline import Finding
from strangler.checks.formats import FORMATS
from strangler.checks.rules import RULES

FOUND = (
    Finding(
        code="new-crossing", file="shop/a.py", line=7, message="a -> b: read t by f", fingerprint="1" * 32
    ),
    Finding(
        code="new-crossing", file="shop/ä b.py", line=9, message='a -> b: call "<x>"', fingerprint="2" * 32
    ),
)


def outcome(*findings: Finding) -> Outcome:
    return Outcome(findings=findings, gone=0, gone_cycles=0, placed=())


def test_sarif_names_each_place_its_rule_and_what_to_do() -> None:
    run = json.loads(FORMATS["sarif"](outcome(*FOUND)))["runs"][0]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == set(RULES)
    assert RULES["new-crossing"].instead in rules["new-crossing"]["help"]["text"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [place["artifactLocation"]["uri"] for place in places] == ["shop/a.py", "shop/%C3%A4%20b.py"]
    assert [place["region"]["startLine"] for place in places] == [7, 9]
    assert {result["ruleId"] for result in run["results"]} == {"new-crossing"}
    assert len({result["partialFingerprints"]["finding/v1"] for result in run["results"]}) == 2


def test_gitlab_gets_what_its_merge_requests_need_of_each_finding() -> None:
    entries = json.loads(FORMATS["gitlab"](outcome(*FOUND)))
    for entry, finding in zip(entries, FOUND, strict=True):
        assert entry["description"] == finding.message
        assert entry["check_name"] == finding.code
        assert entry["fingerprint"] == finding.fingerprint
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"] == {"path": finding.file, "lines": {"begin": finding.line}}


def test_a_reader_of_junit_finds_a_failure_a_finding_and_a_pass_a_rule_without_any() -> None:
    junitparser = pytest.importorskip("junitparser", reason="junitparser is not installed")
    read = junitparser.JUnitXml.fromstring(FORMATS["junit"](outcome(*FOUND)))
    (suite,) = read
    assert (suite.tests, suite.failures, suite.errors) == (3, 2, 0)
    cases = list(suite)
    assert [case.is_passed for case in cases] == [False, False, True]
    assert FOUND[0].message in cases[0].result[0].message
    (clean,) = junitparser.JUnitXml.fromstring(FORMATS["junit"](outcome()))
    assert (clean.tests, clean.failures) == (len(RULES), 0)


@given(st.text(), st.text(min_size=1))
def test_no_name_leaves_its_place_in_any_form(message: str, file: str) -> None:
    found = outcome(Finding(code="new-crossing", file=file, line=1, message=message, fingerprint="f"))
    written = {name: render(found).decode() for name, render in FORMATS.items()}
    assert len(ElementTree.fromstring(written["junit"]).findall(".//failure")) == 1
    assert len(json.loads(written["gitlab"])) == 1
    assert len(json.loads(written["sarif"])["runs"][0]["results"]) == 1
    assert re.fullmatch(r"::error file=[^:,\r\n]*,line=1,title=new-crossing::[^\r\n]*\n", written["github"])
