"""The operator's signature over a batch: docs/formats/batch.md."""

from . import ed25519, merkle
from .errors import Refused
from .wire import Reader, label

RECEIPTS = 2
_MAX_PATH = 32


def size_of(proof: bytes) -> int:
    """How many items the batch says to have; verify_item proves it."""
    reader = Reader(proof, "proof")
    reader.label("limpid/batch-proof/1")
    reader.raw(1 + 8 + 8)
    return reader.number(4)


def verify_item(proof: bytes, kind: int, item: bytes, key: bytes) -> None:
    """Refuses unless `key` signed a batch of `kind` that holds `item`."""
    reader = Reader(proof, "proof")
    reader.label("limpid/batch-proof/1")
    # Kind, epoch, time, size, root: the signed fields as they stand.
    head = reader.raw(1 + 8 + 8 + 4 + 32)
    signature = reader.raw(64)
    index = reader.number(4)
    count = reader.number(2)
    if count > _MAX_PATH or head[9] >> 7:
        raise Refused("proof: malformed")
    path = [reader.raw(32) for _ in range(count)]
    reader.finish()
    size, root = int.from_bytes(head[17:21], "big"), head[21:]
    leaf = merkle.leaf_hash(item)
    if head[0] != kind or not merkle.includes(index, size, leaf, path, root):
        raise Refused("proof: the receipt is not in the batch")
    if not ed25519.verify(key, label("limpid/batch/1") + head, signature):
        raise Refused("proof: the signature does not verify")
