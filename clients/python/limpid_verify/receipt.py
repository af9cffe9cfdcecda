"""Receipt files: docs/formats/receipt.md."""

import dataclasses
import datetime
import re
import typing

from . import batch, entry, note, strict_json, wire
from .errors import Refused

_TEXTS = ("access", "agreement", "id", "operator", "purpose", "record",
          "service")
_HASHES = ("agreement_hash", "commitment", "notice_hash", "statement_hash")
_TIMES = ("log_by", "time")
_MEMBERS = {*_TEXTS, *_HASHES, *_TIMES, "lines", "revision", "type"}
_LINE_MEMBERS = {"attribute", "derivation", "form", "parameters", "reason"}
# By type, the kind of the entry it stands for.
_TYPES = {"grant": 2, "withdrawal": 7, "access": 1}
_FORMS = ("none", "full", "derived", "pseudonymous", "aggregate", "attested")
_REASONS = ("RELEASED", "NO_CONSENT", "PURPOSE", "EXPIRED", "PAUSED",
            "WITHDRAWN", "REVOKED", "INVALIDATED", "LIMIT", "POLICY", "FORM",
            "CALLER", "NOTICE_OUTDATED", "REPRESENTATIVE")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Verified:
    """What a receipt file that verified says."""

    body: dict
    # "durable" or "logged"; docs/formats/receipt.md.
    level: str
    # The opened entry, when the copy has one.
    entry: typing.Optional[dict]


def _object(value, members, what):
    if not isinstance(value, dict) or set(value) != members:
        raise Refused(f"{what}: a member is missing or unknown")
    return value


def _text(value, what) -> str:
    if not isinstance(value, str):
        raise Refused(f"{what}: not a text")
    return value


def _bytes32(value, what) -> bytes:
    data = wire.from_base64url(_text(value, what))
    if len(data) != 32:
        raise Refused(f"{what}: not 32 bytes")
    return data


def _check_time(value, what):
    if not _TIME.match(_text(value, what)):
        raise Refused(f"{what}: not a time")
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError as error:
        raise Refused(f"{what}: not a time") from error


def _check_line(value):
    line = _object(value, _LINE_MEMBERS, "lines")
    for key in _LINE_MEMBERS:
        _text(line[key], key)
    if line["form"] not in _FORMS or line["reason"] not in _REASONS:
        raise Refused("lines: unknown form or reason")


def _check_body(value):
    body = _object(value, _MEMBERS, "receipt")
    for key in _TEXTS:
        _text(body[key], key)
    for key in _HASHES:
        _bytes32(body[key], key)
    for key in _TIMES:
        _check_time(body[key], key)
    revision = body["revision"]
    if type(revision) is not int or revision < 0:
        raise Refused("revision: not a number")
    if body["type"] not in _TYPES or not isinstance(body["lines"], list):
        raise Refused("type or lines: malformed")
    for line in body["lines"]:
        _check_line(line)


def _millis(text) -> int:
    since = datetime.datetime.strptime(
        text, "%Y-%m-%dT%H:%M:%S.%fZ"
    ) - datetime.datetime(1970, 1, 1)
    return since // datetime.timedelta(milliseconds=1)


def _id_text(prefix, data) -> str:
    """As bodies have it: empty for none."""
    if not any(data):
        return ""
    return wire.id_text(prefix, data)


def _line(line) -> tuple:
    """As entry.decode gives them."""
    return (line["attribute"].encode(), _FORMS.index(line["form"]),
            line["derivation"].encode(), line["parameters"].encode(),
            _REASONS.index(line["reason"]))


def _check_says_the_same(body, opened):
    """A body takes these from its entry: who signed another one lied."""
    for member, said, logged in (
        ("type", _TYPES[body["type"]], opened["kind"]),
        ("access", body["access"], _id_text("acc", opened["access"])),
        ("record", body["record"], _id_text("rec", opened["record"])),
        ("revision", body["revision"], opened["revision"]),
        ("service", body["service"], _id_text("svc", opened["service"])),
        ("time", _millis(body["time"]), opened["time_ms"]),
        ("purpose", body["purpose"].encode(), opened["purpose"]),
        ("lines", [_line(line) for line in body["lines"]], opened["lines"]),
    ):
        if said != logged:
            raise Refused(
                f"the receipt and its entry do not say the same: {member}"
            )


def _open_entry(file, commitment):
    opening = _bytes32(file["opening"], "opening")
    data = wire.from_base64url(_text(file["entry"], "entry"))
    if entry.commit(opening, data) != commitment:
        raise Refused("the commitment does not verify")
    opened = entry.decode(data)
    _check_says_the_same(file["receipt"], opened)
    return opened


def has_log_proof(data: bytes) -> bool:
    """Whether the file claims to be logged; proves nothing."""
    try:
        file = strict_json.parse(data)
    except Refused:
        return False
    return isinstance(file, dict) and bool(file.get("log"))


def verify_receipt(
    data: bytes, evidence_key: bytes, log: typing.Optional[note.LogKey]
) -> Verified:
    """Verifies everything the file claims; raises Refused otherwise.

    `evidence_key` is the operator's, 32 bytes, and `log` the access log's: both
    come from the operator another way than the file did. A file with a log
    proof needs `log`.
    """
    file = strict_json.parse(data)
    known = {"receipt", "proof", "entry", "opening", "log"}
    if not isinstance(file, dict) or not {"receipt", "proof"} <= set(file) <= (
        known
    ):
        raise Refused("a member is missing or unknown")
    if ("entry" in file) != ("opening" in file):
        raise Refused("entry and opening come together")
    _check_body(file["receipt"])
    item = wire.label("limpid/receipt/1") + wire.lp(
        strict_json.canonical(file["receipt"])
    )
    proof = wire.from_base64url(_text(file["proof"], "proof"))
    batch.verify_item(proof, batch.RECEIPTS, item, evidence_key)
    commitment = _bytes32(file["receipt"]["commitment"], "commitment")
    opened = _open_entry(file, commitment) if "entry" in file else None
    level = "durable"
    if _text(file.get("log", ""), "log"):
        if log is None:
            raise Refused("the file has a log proof: give the log's key")
        note.verify_proof(file["log"], b"\1" + commitment, log)
        level = "logged"
    return Verified(file["receipt"], level, opened)
