#!/usr/bin/env python3
"""Says how many single test cases ran and which were skipped, with the reason.

Reads what ctest and GoogleTest left in one folder: cases.py FOLDER
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml


def gtest_cases(folder):
    """Yields (name, reason or None) of every GoogleTest case."""
    for path in sorted(folder.glob("*.xml")):
        for case in xml.parse(path).getroot().iter("testcase"):
            if case.get("status") == "notrun":
                continue
            name = f"{case.get('classname')}.{case.get('name')}"
            skipped = case.find("skipped")
            if skipped is None:
                yield name, None
            else:
                # The first line is the place in the source.
                text = skipped.get("message", "").splitlines()
                yield name, " ".join(text[1:]) or "no reason given"


def ctest_skips(folder):
    """Yields (name, reason) of every test that ctest itself skipped."""
    junit = folder / "ctest.junit"
    if not junit.exists():
        return
    for case in xml.parse(junit).getroot().iter("testcase"):
        if case.find("skipped") is not None:
            output = case.findtext("system-out") or ""
            said = re.search(r"SKIPPED:? *(.*)", output)
            yield case.get("name"), said.group(1) if said else "by ctest"


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = list(gtest_cases(folder))
    skipped = [c for c in cases if c[1] is not None] + list(ctest_skips(folder))
    print(f"   {len(cases)} single cases, {len(skipped)} skipped")
    for name, reason in skipped:
        print(f"   SKIPPED {name}: {reason}")


if __name__ == "__main__":
    main()
