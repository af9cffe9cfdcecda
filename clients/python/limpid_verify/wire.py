"""Canonical bytes (docs/formats/canonical-bytes.md), ids and base64."""

import base64
import binascii
import re

from .errors import Refused

_URL_SAFE = re.compile(r"[A-Za-z0-9_-]*\Z")
_STANDARD = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")


class Reader:
    """Reads fields in order; the end is checked by finish()."""

    def __init__(self, data: bytes, what: str):
        self._rest = data
        self._what = what

    def raw(self, size: int) -> bytes:
        if len(self._rest) < size:
            raise Refused(f"{self._what}: ends early")
        out, self._rest = self._rest[:size], self._rest[size:]
        return out

    def number(self, size: int) -> int:
        return int.from_bytes(self.raw(size), "big")

    def time(self) -> int:
        millis = self.number(8)
        if millis >= 1 << 63:
            raise Refused(f"{self._what}: no such time")
        return millis

    def lp(self) -> bytes:
        return self.raw(self.number(4))

    def label(self, text: str) -> None:
        if self.raw(1 + len(text)) != label(text):
            raise Refused(f"{self._what}: another label")

    def finish(self) -> None:
        if self._rest:
            raise Refused(f"{self._what}: bytes left over")


def label(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("ascii")


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def id_text(prefix: str, data: bytes) -> str:
    """docs/formats/ids.md"""
    return f"{prefix}_" + base64.b32encode(data).decode().rstrip("=").lower()


def from_base64url(text: str) -> bytes:
    """Without padding; one spelling for each value."""
    if not _URL_SAFE.match(text):
        raise Refused("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise Refused("not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise Refused("not base64url")
    return data


def from_base64(text: str) -> bytes:
    """With padding; one spelling for each value."""
    if not _STANDARD.match(text):
        raise Refused("not base64")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refused("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Refused("not base64")
    return data
