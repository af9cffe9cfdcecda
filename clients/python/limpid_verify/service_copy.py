"""A service's copy of a receipt: docs/formats/receipt-service-copy.md."""

import hashlib

from . import batch, strict_json, wire
from .errors import Refused

_STEP = 32
_LINE = "line:"
_LINE_MEMBERS = {"derivation", "form", "parameters"}
_ENTITLED = {"agreement", "agreement_hash", "commitment", "log_by",
             "notice_hash", "operator", "purpose", "record", "service", "time",
             "type"}


def _bytes32(value) -> bytes:
    data = wire.from_base64url(value) if isinstance(value, str) else b""
    if len(data) != 32:
        raise Refused("not 32 bytes")
    return data


def _may_be_disclosed(name: str, value) -> bool:
    if not name.startswith(_LINE):
        return name in _ENTITLED and isinstance(value, str)
    return (
        isinstance(value, dict)
        and set(value) == _LINE_MEMBERS
        and all(isinstance(one, str) for one in value.values())
    )


def _digest(salt: bytes, name: str, value) -> bytes:
    return hashlib.sha256(
        wire.label("limpid/receipt-field/1") + salt
        + wire.lp(name.encode()) + wire.lp(strict_json.canonical(value))
    ).digest()


def _read_fields(values, digests):
    """The disclosed fields by name, each found among the signed digests."""
    out, last = {}, None
    for value in values:
        if not isinstance(value, dict) or set(value) != {
            "name", "salt", "value"
        } or not isinstance(value["name"], str):
            raise Refused("fields: malformed")
        name, salt = value["name"], _bytes32(value["salt"])
        if last is not None and name.encode() <= last:
            raise Refused("fields: out of order")
        last = name.encode()
        if not _may_be_disclosed(name, value["value"]):
            raise Refused("fields: what no service may know")
        if _digest(salt, name, value["value"]) not in digests:
            raise Refused("fields: not among the signed digests")
        out[name] = value["value"]
    return out


def verify_service_copy(data: bytes, evidence_key: bytes) -> dict:
    """The disclosed fields by name; raises Refused when it does not verify."""
    file = strict_json.parse(data)
    if (
        not isinstance(file, dict)
        or set(file) != {"digests", "fields", "proof"}
        or not isinstance(file["digests"], list)
        or not isinstance(file["fields"], list)
        or not isinstance(file["proof"], str)
        or strict_json.canonical(file) != data
    ):
        raise Refused("not a service's copy")
    digests = [_bytes32(value) for value in file["digests"]]
    count = len(digests)
    if not 0 < count < 1 << 16 or count % _STEP:
        raise Refused("digests: a wrong number")
    if any(a >= b for a, b in zip(digests, digests[1:])):
        raise Refused("digests: out of order")
    proof = wire.from_base64url(file["proof"])
    item = (
        wire.label("limpid/receipt-service/1") + count.to_bytes(2, "big")
        + b"".join(digests)
    )
    if batch.size_of(proof) != 1:
        raise Refused("proof: not a batch of one")
    batch.verify_item(proof, batch.RECEIPTS, item, evidence_key)
    return _read_fields(file["fields"], set(digests))
