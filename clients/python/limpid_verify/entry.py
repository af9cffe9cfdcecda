"""The access entry and its commitment: docs/formats/access-entry.md."""

import hashlib
import hmac

from .errors import Refused
from .wire import Reader

# Highest numbers of the format page; it only grows.
_LAST_KIND, _LAST_ACTOR, _LAST_BASIS, _LAST_FORM, _LAST_REASON = 35, 5, 6, 5, 13
# Numbers below the highest that stand for nothing yet.
_NO_KINDS = frozenset((25, 26, 29, 32))
_MAX_LINES = 64
# The kind that says what became of earlier entries.
_COMPLETED, _LAST_OUTCOME, _MAX_COMPLETIONS = 34, 4, 256


def commit(opening: bytes, message: bytes) -> bytes:
    context = b"access"
    text = (
        opening + bytes([len(context)]) + context
        + len(message).to_bytes(4, "big") + message
    )
    return hmac.new(b"mim4.commit.v1", text, hashlib.sha256).digest()


def _ranged(reader: Reader, first: int, last: int) -> int:
    number = reader.number(1)
    if not first <= number <= last:
        raise Refused("entry: an unknown number")
    return number


def _check_completions(reader: Reader, sequence: int) -> None:
    """In order, each once, none of them the entry itself or a later one."""
    before = 0
    count = reader.number(2)
    if not 1 <= count <= _MAX_COMPLETIONS:
        raise Refused("entry: completes nothing, or too much")
    for _ in range(count):
        completed = reader.number(8)
        if not before < completed < sequence:
            raise Refused("entry: completes what it cannot")
        before = completed
        _ranged(reader, 1, _LAST_OUTCOME)


def _line(reader: Reader) -> tuple:
    """Attribute, form, derivation, parameters, reason: texts as bytes."""
    return (reader.lp(), _ranged(reader, 0, _LAST_FORM), reader.lp(),
            reader.lp(), _ranged(reader, 0, _LAST_REASON))


def decode(data: bytes) -> dict:
    """What an auditor asks of an entry; everything else is only checked."""
    reader = Reader(data, "entry")
    reader.label("limpid/access-entry/1")
    out = {"kind": _ranged(reader, 1, _LAST_KIND)}
    if out["kind"] in _NO_KINDS:
        raise Refused("entry: an unknown number")
    out["actor"] = _ranged(reader, 1, _LAST_ACTOR)
    out["access"] = reader.raw(16)
    out["time_ms"] = reader.time()
    out["sequence"] = reader.number(8)
    out["previous"] = reader.raw(32)
    out["service"], out["record"] = reader.raw(16), reader.raw(16)
    out["revision"] = reader.number(8)
    out["basis"] = _ranged(reader, 1, _LAST_BASIS)
    out["purpose"] = reader.lp()
    out["system"], out["snapshot"] = reader.raw(16), reader.raw(16)
    count = reader.number(2)
    if count > _MAX_LINES:
        raise Refused("entry: too many lines")
    out["lines"] = [_line(reader) for _ in range(count)]
    reader.raw(32)
    if out["kind"] == _COMPLETED:
        _check_completions(reader, out["sequence"])
    reader.finish()
    return out
