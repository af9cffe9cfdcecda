"""Exports of a registration of our own against the checkers of Croissant and SPDX.

checkers_test.py TOOL DATA. Both checkers are packages of Python that nothing
installs by itself (requirements.txt beside this file); without them the test
says SKIPPED. LIMPID_CHECKERS_PYTHON names a Python that has them.
"""

import io
import json
import os
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
PYTHON = os.environ.get("LIMPID_CHECKERS_PYTHON")
if PYTHON and os.path.abspath(PYTHON) != os.path.abspath(sys.executable):
    os.execv(PYTHON, [PYTHON, *sys.argv])
try:
    import mlcroissant
    from spdx_python_model import v3_0_1 as spdx
except ImportError as absent:
    print(f"SKIPPED: the Python package {absent.name} is not installed")
    sys.exit(0)


def own(profile, fixture):
    """What the tool writes of the registration that it made itself."""
    tool, data = sys.argv[1:3]
    text = subprocess.run(
        [tool, profile, os.path.join(data, fixture)], check=True, capture_output=True
    ).stdout
    documents = json.loads(text)
    found = [one for one in documents if '"Words"' in json.dumps(one)]
    assert len(found) == 1, f"{profile}: {len(found)} of {len(documents)}"
    return found[0]


def check_croissant(document):
    mlcroissant.Dataset(jsonld=document)


def check_spdx(document):
    objects = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().read(io.BytesIO(json.dumps(document).encode()), objects)
    assert any(True for _ in objects.foreach()), "nothing was read"


def refuses(check, document):
    try:
        check(document)
    except Exception:  # Each checker has its own.
        return True
    return False


def main():
    failed = 0
    broken = {"@context": {}, "@type": "sc:Dataset", "name": 1, "@graph": [{"a": 1}]}
    for profile, fixture, check in (
        ("croissant", "croissant-1.1.json", check_croissant),
        ("spdx", "spdx-3.0.1.json", check_spdx),
        ("spdx-dataset", "spdx-3.0.1.json", check_spdx),
    ):
        if not refuses(check, broken):
            print(f"{profile}: the checker refuses nothing")
            failed += 1
        try:
            check(own(profile, fixture))
        except Exception as fault:
            print(f"{profile}: {type(fault).__name__}: {str(fault)[:2000]}")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
