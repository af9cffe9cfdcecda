#!/usr/bin/env python3
"""Which sources of a target are compiled as one text, for the sanitizers.

joined_plan.py FILE...: a line "GROUP|FILE" for each file that has company; one
that is left out is compiled alone. Groups hold files that define no name at the
left margin twice, near enough: joined_compile.py catches what this does not see.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lint"))

import tidy_batch  # noqa: E402


def plan(paths):
    """Lists of paths that may be compiled as one, only those with company."""
    texts = {
        path: pathlib.Path(path).read_text(encoding="utf-8") for path in paths
    }
    return [group for group in tidy_batch.group(paths, texts) if len(group) > 1]


def main():
    for number, group in enumerate(plan(sys.argv[1:])):
        for path in group:
            print(f"{number}|{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
