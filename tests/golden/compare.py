"""compare.py EXPECTED ACTUAL: whether every expected answer is given still.

An answer may say more than it did: of objects the expected members are
compared, and each expected item of a list must be an item of the actual one.
"""

import json
import pathlib
import sys


def holds(expected, actual):
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            key in actual and holds(value, actual[key])
            for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(actual, list) and all(
            any(holds(item, other) for other in actual) for item in expected
        )
    return expected == actual


def main(expected, actual):
    different = []
    for file in sorted(pathlib.Path(expected).iterdir()):
        was = json.loads(file.read_text())
        now = json.loads((pathlib.Path(actual) / file.name).read_text())
        if not holds(was, now):
            different.append(file.name)
            print(f"{file.name}\n  was {was}\n  is  {now}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
