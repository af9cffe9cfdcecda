"""Signed notes, checkpoints and proof files of c2sp.org."""

import hashlib
import re

from . import ed25519, merkle
from .errors import Refused
from .wire import from_base64

_ED25519 = 1
_MAX_SIGNATURES, _MAX_HASHES, _MAX_NOTE = 100, 64, 1_000_000
# Below 2^64; int() takes no text of thousands of digits.
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,19})\Z", re.ASCII)
_EMPTY_ROOT = hashlib.sha256(b"").digest()


def _decimal(text: str) -> int:
    if not _DECIMAL.match(text) or int(text) >= 1 << 64:
        raise Refused("not a number")
    return int(text)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(
        character.isspace() or character < " " for character in name
    )


class LogKey:
    """A log's verifier key: name+key id+base64(type || key)."""

    def __init__(self, vkey: str):
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise Refused("vkey: not three parts")
        self.name = parts[0]
        data = from_base64(parts[2])
        if len(data) != 33 or data[0] != _ED25519 or not _is_name(self.name):
            raise Refused("vkey: not the Ed25519 key of a log")
        self.key = data[1:]
        digest = hashlib.sha256(self.name.encode() + b"\n" + data).digest()
        self.key_id = digest[:4]
        if self.key_id.hex() != parts[1]:
            raise Refused("vkey: the key id is not that of the name and key")


def _signatures(lines: str):
    if not lines.endswith("\n"):
        raise Refused("note: no newline at the end")
    split = lines[:-1].split("\n")
    if len(split) > _MAX_SIGNATURES:
        raise Refused("note: too many signatures")
    for line in split:
        dash, _, rest = line.partition(" ")
        name, space, text = rest.partition(" ")
        data = from_base64(text)
        if dash != "\u2014" or not space or not _is_name(name) or len(data) < 5:
            raise Refused("note: a signature line")
        yield name, data[:4], data[4:]


def open_checkpoint(note: str, log: LogKey):
    """(size, root) of a checkpoint that `log` signed."""
    if len(note.encode()) > _MAX_NOTE or any(
        character < " " and character != "\n" for character in note
    ):
        raise Refused("note: not text")
    text, blank, lines = note.rpartition("\n\n")
    if not blank:
        raise Refused("note: no signatures")
    text += "\n"
    fields = text.split("\n")
    if len(fields) < 4 or not fields[0] or "" in fields[3:-1]:
        raise Refused("not a checkpoint")
    size, root = _decimal(fields[1]), from_base64(fields[2])
    if len(root) != 32 or (size == 0 and root != _EMPTY_ROOT):
        raise Refused("not a checkpoint")
    signed = False
    for name, key_id, signature in list(_signatures(lines)):
        if name != log.name or key_id != log.key_id:
            continue
        # A wrong signature by a known key is never passed over.
        if not ed25519.verify(log.key, text.encode(), signature):
            raise Refused("the checkpoint's signature does not verify")
        signed = True
    if not signed or fields[0] != log.name:
        raise Refused("the log did not sign the checkpoint")
    return size, root


def verify_proof(proof: str, leaf: bytes, log: LogKey) -> None:
    """Refuses unless the proof file shows `leaf` in the log."""
    head, _, rest = proof.partition("\n")
    if head != "c2sp.org/tlog-proof@v1":
        raise Refused("not a proof file")
    if rest.startswith("extra "):
        extra, _, rest = rest[len("extra "):].partition("\n")
        from_base64(extra)
    body, blank, checkpoint = rest.partition("\n\n")
    lines = body.split("\n")
    if not blank or not lines[0].startswith("index "):
        raise Refused("not a proof file")
    index = _decimal(lines[0][len("index "):])
    hashes = [from_base64(line) for line in lines[1:]]
    if len(hashes) > _MAX_HASHES or any(len(one) != 32 for one in hashes):
        raise Refused("not a proof file")
    size, root = open_checkpoint(checkpoint, log)
    if not merkle.includes(index, size, merkle.leaf_hash(leaf), hashes, root):
        raise Refused("the log proof does not verify")
