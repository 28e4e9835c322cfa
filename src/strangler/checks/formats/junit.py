"""JUnit XML, which nearly every CI server shows as tests: a test a rule, a failure a finding."""

from __future__ import annotations

from xml.etree import ElementTree

from strangler.checks.baseline import Outcome
from strangler.checks.rules import RULES
from strangler.text import one_line


def render(outcome: Outcome) -> bytes:
    """A suite with a case for each finding, and one that passes for each rule without any."""
    found = {code: [f for f in outcome.findings if f.code == code] for code in RULES}
    cases = sum(max(1, len(findings)) for findings in found.values()) + len(outcome.allowed)
    failures = len(outcome.findings)
    counts = {"tests": str(cases), "failures": str(failures), "errors": "0"}
    root = ElementTree.Element("testsuites", {"name": "strangler check", **counts})
    skipped = {"skipped": str(len(outcome.allowed))}  # of a suite alone: Jenkins's schema has it nowhere else
    suite = ElementTree.SubElement(root, "testsuite", {"name": "strangler check", **counts, **skipped})
    for code, findings in found.items():
        if not findings:
            ElementTree.SubElement(suite, "testcase", classname=code, name="nothing new")
        for finding in findings:
            place = one_line(f"{finding.file}:{finding.line}")
            case = ElementTree.SubElement(
                suite, "testcase", classname=code, name=f"{place}: {one_line(finding.message)}"
            )
            failure = ElementTree.SubElement(case, "failure", type=code, message=one_line(finding.message))
            failure.text = f"{place}\n{RULES[code].help}"
    for row in outcome.allowed:
        name = one_line(f"{row.finding.file}:{row.finding.line}: {row.finding.message}")
        case = ElementTree.SubElement(suite, "testcase", classname=row.finding.code, name=name)
        why = f"until {row.allowance.until} by {row.allowance.where}: {row.allowance.reason}"
        ElementTree.SubElement(case, "skipped", message=one_line(why))
    ElementTree.indent(root, " ")
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
