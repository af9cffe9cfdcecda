"""Inclusion in the trees of RFC 6962 (RFC 9162 section 2.1.3.2)."""

import hashlib


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def includes(index: int, size: int, leaf: bytes, path: list, root: bytes):
    """Whether the leaf with this hash is at `index` of the tree."""
    if index >= size:
        return False
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            hashed = _node_hash(sibling, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = _node_hash(hashed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hashed == root
