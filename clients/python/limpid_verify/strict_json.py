"""Strict JSON and its canonical form: docs/formats/canonical-json.md.

Only what receipts hold: no member of theirs takes a number with a fraction.
"""

import json

from .errors import Refused

MAX_INTEGER = 2**53 - 1
MAX_BYTES = 1 << 20


def _members(pairs):
    out = dict(pairs)
    if len(out) != len(pairs):
        raise Refused("a key stands twice")
    return out


def _integer(text):
    value = int(text)
    if abs(value) > MAX_INTEGER:
        raise Refused("an integer that a double cannot hold")
    return value


def _real(text):
    value = float(text)
    nonzero = any(digit in "123456789" for digit in text.lower().split("e")[0])
    if value != value or abs(value) > MAX_INTEGER or value != int(value):
        raise Refused("a number that is not an integer")
    if value == 0 and nonzero:
        raise Refused("a number too small for a double")
    return int(value)


def _constant(_):
    raise Refused("not JSON")


def parse(data: bytes):
    """The value of one JSON text and nothing but one."""
    if len(data) > MAX_BYTES:
        raise Refused("too long")
    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff"):
            raise Refused("a byte-order mark")
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
        # A lone surrogate, escaped, has no UTF-8.
        canonical(value)
    except (ValueError, RecursionError, OverflowError) as error:
        raise Refused("not strict JSON") from error
    return value


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n",
            "\f": "\\f", "\r": "\\r"}


def _string(text):
    out = []
    for character in text:
        if character in _ESCAPES:
            out.append(_ESCAPES[character])
        elif character < " ":
            out.append(f"\\u{ord(character):04x}")
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


def _text(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    # RFC 8785 section 3.2.3: by UTF-16 code units.
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return (
        "{" + ",".join(_string(key) + ":" + _text(value[key]) for key in keys)
        + "}"
    )


def canonical(value) -> bytes:
    """The bytes to hash."""
    return _text(value).encode("utf-8")
