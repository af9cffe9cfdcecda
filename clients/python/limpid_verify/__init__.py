"""Verifies Limpid receipt files offline with nothing but Python 3.

Written from docs/formats, not from the C++: two verifiers that share no line
are two witnesses. Reads files, asks no server.
"""

from . import strict_json
from .errors import Refused
from .receipt import Verified, verify_receipt
from .service_copy import verify_service_copy

__all__ = ["Refused", "Verified", "verify_file", "verify_receipt",
           "verify_service_copy"]


def verify_file(data, evidence_key, log):
    """A person's receipt or a service's copy, whichever the file is.

    Returns Verified or the disclosed fields; raises Refused.
    """
    value = strict_json.parse(data)
    if isinstance(value, dict) and "digests" in value:
        return verify_service_copy(data, evidence_key)
    return verify_receipt(data, evidence_key, log)
