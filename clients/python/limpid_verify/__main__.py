"""python3 -m limpid_verify FILE --evidence-key KEY [--vkey VKEY]

Exit codes as the C++ command line has them: 0 verified, 2 wrong command line,
4 does not verify, 5 the file cannot be read.
"""

import argparse
import sys

from . import Verified, strict_json, verify_file, wire
from .errors import Refused
from .note import LogKey
from .receipt import has_log_proof


def _arguments():
    parser = argparse.ArgumentParser(
        prog="limpid_verify", description="Verify a receipt file offline."
    )
    parser.add_argument("file", help="receipt file")
    parser.add_argument(
        "--evidence-key", required=True,
        help="the operator's evidence key, 32 bytes in base64url",
    )
    parser.add_argument(
        "--vkey", help="verifier key of the access log, for a logged receipt"
    )
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    try:
        key = wire.from_base64url(arguments.evidence_key)
        log = LogKey(arguments.vkey) if arguments.vkey else None
        if len(key) != 32:
            raise Refused("evidence key: not 32 bytes")
    except Refused as error:
        print(f"limpid_verify: {error}", file=sys.stderr)
        return 2
    try:
        with open(arguments.file, "rb") as file:
            data = file.read()
    except OSError as error:
        print(f"limpid_verify: {error.strerror}", file=sys.stderr)
        return 5
    if log is None and has_log_proof(data):
        print("limpid_verify: this receipt has a log proof: give --vkey",
              file=sys.stderr)
        return 2
    try:
        verified = verify_file(data, key, log)
    except Refused as error:
        print(f"limpid_verify: refused: {error}", file=sys.stderr)
        return 4
    print("The receipt verified, without asking any server.")
    if isinstance(verified, Verified):
        body = verified.body
        print(f"{body['id']}: {body['type']} at {body['time']}, proof: "
              f"{verified.level}")
    else:
        for name, value in verified.items():
            print(f"{name}: {strict_json.canonical(value).decode()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
