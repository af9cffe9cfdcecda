#!/usr/bin/env python3
"""Checks every tracked text file for what no formatter or compiler sees.

text.py [ROOT] prints every fault and exits 1.
"""

import json
import pathlib
import re
import subprocess
import sys

# Hard limits of lines; near 400 and 200 a file is asking to be two.
MAX_LINES = {".cc": 500, ".h": 300}

# Written in two parts, so that this file passes itself.
OPEN_WORK = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b(?!\(\d+\): \S)")
SUPPRESSION = re.compile(r"NO" r"LINT(?:NEXTLINE|BEGIN|END)?\b(.*)")
SUPPRESSION_WHAT = re.compile(r"^\([a-z][\w.,* -]*\)")
SUPPRESSION_WHY = re.compile(r"^\([a-z][\w.,* -]*\): \S")

# Homes and roots of people's machines.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home/\w|root/|Users/\w)")
# First folders that every machine has; others are one machine's own.
COMMON_ROOTS = set(
    "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys "
    "tmp usr var".split()
)

# A page of ours, named in code or prose; and a test, named in a page.
PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")
NAMED_TEST = re.compile(r"`(\w+)\.(\w+)`")
TEST_CASE = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
PAGES_THAT_NAME_TESTS = ("docs/threat-model.md",)

# Prefixes of ids: in the code, and in the table of the page that lists them.
ID_PAGE = "docs/formats/ids.md"
ID_TAG = re.compile(r'string_view kPrefix = "([a-z]{3})"')
ID_KINDS = "common/receipt/registration.cc"
ID_KIND = re.compile(r'\{RegistrationKind::k\w+,\s*"\w+",\s*"([a-z]{3})"\}')
ID_LISTED = re.compile(r"`([a-z]{3})`")

CPP = (".h", ".cc")
NOT_OURS = ("LICENSE",)


def own_root(root):
    """A pattern for paths below this clone's first folder, if it is unusual."""
    first = root.parts[1] if len(root.parts) > 1 else ""
    if not first or first in COMMON_ROOTS:
        return None
    return re.compile(r"(?<![\w.])/" + re.escape(first) + "/")


def line_faults(text, own):
    before = ""
    for number, line in enumerate(text.splitlines(), 1):
        if OPEN_WORK.search(line):
            yield number, "open work needs the number of its issue"
        match = SUPPRESSION.search(line)
        if match and "END" not in match.group(0)[:10]:
            # Why: behind the colon, or in a comment on the line above.
            said = SUPPRESSION_WHY.match(match.group(1)) or (
                SUPPRESSION_WHAT.match(match.group(1))
                and before.lstrip().startswith("//")
            )
            if not said:
                yield number, "a suppression names its check and says why"
        if MACHINE_PATH.search(line) or (own and own.search(line)):
            yield number, "a path of one machine"
        if line.rstrip("\r\n") != line.rstrip() and line.strip():
            yield number, "white space at the end of the line"
        before = line


def guard_fault(path, text):
    """Headers are guarded by LIMPID_<PATH>_H_, without exception."""
    name = "LIMPID_" + re.sub(r"[/.]", "_", path).upper() + "_"
    wanted = f"#ifndef {name}\n#define {name}\n"
    return None if wanted in text else f"the include guard is not {name}"


def lock_faults(path, text):
    """A lock file pins by hash and leaves the registry to the machine."""
    for name, package in json.loads(text).get("packages", {}).items():
        if name and "resolved" in package:
            yield 1, f"{name} names a registry (resolved)"
        if name and not package.get("link") and "integrity" not in package:
            yield 1, f"{name} has no integrity hash"


def file_faults(path, text, own=None):
    suffix = pathlib.PurePath(path).suffix
    name = pathlib.PurePath(path).name
    if suffix == ".h":
        fault = guard_fault(path, text)
        if fault:
            yield 1, fault
    lines = text.count("\n")
    if lines > MAX_LINES.get(suffix, lines):
        yield lines, f"{lines} lines; {MAX_LINES[suffix]} is the limit"
    if name == "package-lock.json":
        yield from lock_faults(path, text)
    if name == ".npmrc" and re.search(r"registry\s*=", text):
        yield 1, "a registry is the machine's business"
    if text and not text.endswith("\n") and suffix in CPP + (".md", ".py", ".sh"):
        yield lines + 1, "no newline at the end"
    yield from line_faults(text, own)


def reference_faults(files):
    """Pages that are named but not there, and tests that the threat model
    names but nobody wrote. `files` is path to text."""
    cases = set()
    for path, text in files.items():
        if path.startswith("tests/") and path.endswith(".cc"):
            cases |= set(TEST_CASE.findall(text))
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            for page in PAGE.findall(line):
                if page not in files and "YYYY" not in line:
                    yield path, number, f"there is no {page}"
            if path in PAGES_THAT_NAME_TESTS:
                for case in NAMED_TEST.findall(line):
                    if case[0][0].isupper() and case not in cases:
                        yield path, number, f"there is no test {'.'.join(case)}"


def id_faults(files):
    """Prefixes of ids that the code has and the page does not, or the reverse.
    `files` is path to text."""
    used = set(ID_KIND.findall(files.get(ID_KINDS, "")))
    for path, text in files.items():
        if path.endswith(".h") and not path.startswith("tests/"):
            used |= set(ID_TAG.findall(text))
    listed = set()
    rows = 0
    for number, line in enumerate(files.get(ID_PAGE, "").splitlines(), 1):
        if line.startswith("|"):
            listed |= set(ID_LISTED.findall(line))
            rows = number
    for prefix in sorted(used - listed):
        yield ID_PAGE, rows, f"the code has ids {prefix}_, the table does not"
    # Slots are named without a tag of their own.
    for prefix in sorted(listed - used - {"slt"}):
        yield ID_PAGE, rows, f"no id of the code begins with {prefix}_"


def tracked(root):
    """Yields (path, text) of every text file of ours."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for path in sorted(set(filter(None, listed.split("\0")))):
        file = root / path
        if not file.is_file() or file.is_symlink() or path in NOT_OURS:
            continue
        if path.startswith("tests/fuzz/corpus/"):
            continue
        data = file.read_bytes()
        if b"\0" in data:
            continue
        try:
            yield path, data.decode("utf-8")
        except UnicodeDecodeError:
            continue


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    own = own_root(root)
    files = dict(tracked(root))
    found = [
        (path, number, fault)
        for path, text in files.items()
        for number, fault in file_faults(path, text, own)
    ]
    found += reference_faults(files)
    found += id_faults(files)
    for path, number, fault in found:
        print(f"{path}:{number}: {fault}")
    faults = len(found)
    print(f"   {len(files)} files read, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
