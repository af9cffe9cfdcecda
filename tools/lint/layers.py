#!/usr/bin/env python3
"""Holds the includes of the sources to the house plan (docs/architecture.md).

The tables below say which folder may see which, which library of others may
appear where, and which sub-folders of one folder know each other both ways. layers.py [ROOT] prints every wrong arrow and exits 1.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Layer:
    """A folder, the folders whose headers it may include, and why."""

    folder: str
    may: tuple
    why: str


GROUND = ("common/base", "common/crypto", "common/json", "common/jose")
# What a domain may stand on: values and formats, no wire, no SQL.
FORMATS = GROUND + (
    "common/vocab",
    "common/tlog",
    "common/receipt",
    "common/mim5",
)
DOMAINS = ("consent", "vault", "algoregister")

# Parts of a domain that stand alone, so that its clients may compute the same.
_PURE = {"algoregister": ("algoregister/evidence",)}

LAYERS = [
    Layer("common/base", (), "the ground stands on nothing of ours"),
    Layer("common/crypto", ("common/base",), "hides libsodium, OpenSSL and PKCS#11"),
    Layer("common/json", ("common/base",), "hides nlohmann/json and valijson"),
    Layer("common/storage", ("common/base",), "hides SQLCipher and libpq; knows no domain"),
    Layer("common/jose", GROUND[:3], "signed JSON: bytes, keys, text"),
    Layer("common/vocab", GROUND, "tables of terms; no wire, no SQL"),
    Layer("common/tlog", GROUND + ("common/vocab",), "logs; no wire, no SQL"),
    Layer(
        "common/receipt",
        GROUND + ("common/vocab", "common/tlog"),
        "formats several parties verify; no wire, no SQL",
    ),
    Layer("common/mim5", GROUND, "documents anybody serves or checks; no wire, no SQL"),
    Layer("common/rpc", GROUND + ("proto",), "the wire; serves any domain"),
    Layer("common/http", GROUND + ("proto",), "the wire; serves any domain"),
    Layer(
        "algoregister/evidence",
        GROUND,
        "server and auditors recompute alike; no wire, no SQL, no register",
    ),
    Layer("proto", (), "generated"),
]
for _domain in DOMAINS:
    LAYERS += [
        Layer(
            _domain,
            FORMATS + _PURE.get(_domain, ()),
            "rules; domains meet through ports in server/",
        ),
        Layer(
            f"{_domain}/store",
            FORMATS + _PURE.get(_domain, ()) + (_domain, "common/storage"),
            "its own ports on storage, nobody else's",
        ),
        Layer(
            f"{_domain}/rpc",
            FORMATS + _PURE.get(_domain, ()) + (_domain, "proto", "common/rpc"),
            "translates; no SQL, no cryptography",
        ),
        Layer(
            f"{_domain}/http",
            FORMATS + (_domain, "proto", "common/http"),
            "translates; no SQL, no cryptography",
        ),
    ]
LAYERS += [
    Layer("server", ("*",), "composes everything, decides nothing"),
    Layer(
        "server/provision",
        FORMATS + ("common/rpc", "common/storage", "server"),
        "lays out an installation: settings, keys, certificates",
    ),
    Layer(
        "clients/cpp",
        FORMATS + ("proto", "common/http", "common/rpc"),
        "an SDK that links no domain",
    ),
    Layer(
        "clients/cli",
        FORMATS
        + ("proto", "common/http", "common/rpc", "clients/cpp")
        + ("algoregister/evidence", "server/provision"),
        "people see what the SDK sees; an administrator provisions",
    ),
    Layer("tests", ("*",), "tests look everywhere"),
]

# Edges build on their domain, which stands on crypto; they do not reach past it.
NOT_FOR_EDGES = ("common/crypto/", "common/storage/")

# Headers that share a library's types between the files of one folder. Nobody
# outside the folder and its tests includes them, so they may name the library.
PRIVATE_HEADERS = (
    "common/crypto/openssl_ptr.h",
    "common/crypto/pkcs11_session.h",
    "common/storage/postgres_connection.h",
    "common/storage/sqlcipher_connection.h",
)

# Libraries of others: header prefix, then where, and whether in headers too.
LIBRARIES = [
    ("absl/", {"*": "h"}),
    ("sodium", {"common/crypto": "cc", "common/base": "cc"}),
    ("openssl/", {"common/crypto": "cc", "common/http": "cc"}),
    ("p11-kit/", {"common/crypto": "cc"}),
    ("nlohmann/", {"common/json": "cc"}),
    ("valijson/", {"common/json": "cc"}),
    ("sqlcipher/", {"common/storage": "cc"}),
    ("sqlite3", {}),
    ("libpq-fe", {"common/storage": "cc"}),
    ("boost/", {"common/http": "cc"}),
    ("grpc", {"common/rpc": "h", "edge": "h", "server": "cc", "clients/cpp": "h",
              "clients/cli": "cc"}),
    ("google/protobuf/", {"common/rpc": "h", "common/http": "cc", "edge": "h",
                          "server": "cc", "clients/cpp": "h",
                          "clients/cli": "h"}),
    ("libstemmer", {"algoregister": "cc"}),
    ("CLI/", {"clients/cli": "h", "server": "cc"}),
    ("spdlog/", {"common/rpc": "cc", "common/http": "cc", "server": "h",
                 "clients/cli": "cc"}),
    ("fmt/", {"server": "h", "clients/cli": "cc"}),
    ("toml++/", {"server": "cc", "clients/cli": "cc"}),
    ("gtest/", {}),
    ("gmock/", {}),
    ("rapidcheck", {}),
    ("benchmark/", {}),
]

# Sub-folders of one folder that know each other both ways, as they grew. The
# rest of the sub-folders have one direction: a cycle that is not in here is a
# fault, and so is a name in here that is in no cycle any more.
KNOTS = (
    # Ids, contents and publishers lie beside the writer that needs the others.
    frozenset(
        f"algoregister/{name}"
        for name in (
            "bridge",
            "links",
            "mim5",
            "registration",
            "service_key",
            "version",
        )
    ),
    # The ledger of a person is written by whatever is kept in it.
    frozenset(
        f"consent/{name}"
        for name in (
            "agreement",
            "campaign",
            "decision",
            "delegation",
            "duty",
            "embargo",
            "identity",
            "ledger",
            "log",
            "notice",
            "propagation",
            "receipt",
            "record",
            "service_key",
            "sharing",
            "standing",
            "training",
        )
    ),
    # A vault's store and its rows.
    frozenset(
        f"vault/{name}"
        for name in (
            "attribute",
            "connectors",
            "custody",
            "erasure",
            "gate",
            "keyagent",
            "log",
            "recovery",
        )
    ),
)

# What rules may not reach for: they are given time, randomness and settings.
FORBIDDEN_IN_DOMAINS = [
    (re.compile(r"\babsl::Now\s*\("), "absl::Now(): time is an argument"),
    (re.compile(r"\bsystem_clock::now\s*\("), "system_clock: time is an argument"),
    (re.compile(r"\bgetenv\s*\("), "getenv: settings are arguments"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCE_SUFFIXES = (".h", ".cc")


def layer_of(path):
    """The deepest layer that holds a path, or None."""
    held = [
        layer
        for layer in LAYERS
        if path == layer.folder or path.startswith(layer.folder + "/")
    ]
    return max(held, key=lambda layer: len(layer.folder), default=None)


def is_edge(folder):
    return folder in {f"{d}/{e}" for d in DOMAINS for e in ("rpc", "http")}


def library_fault(path, layer, header):
    """Why this file may not see this header of others, or None."""
    for prefix, places in LIBRARIES:
        if not header.startswith(prefix) or layer.folder == "tests":
            continue
        place = places.get(layer.folder) or places.get("*")
        if place is None and is_edge(layer.folder):
            place = places.get("edge")
        if place is None:
            where = ", ".join(sorted(places)) or "tests"
            return f"{header} belongs in {where} only"
        if (
            place == "cc"
            and path.endswith(".h")
            and path not in PRIVATE_HEADERS
        ):
            return f"{header} stays out of headers"
        return None
    return None


def arrow_fault(layer, header):
    """Why this layer may not see this header of ours, or None."""
    if header.startswith("limpid/") and ".pb.h" in header:
        target = layer_of("proto")
    else:
        target = layer_of(header)
    if target is None or target.folder == layer.folder:
        return None
    if header in PRIVATE_HEADERS and layer.folder != "tests":
        return f"{header} is private to {target.folder}"
    if is_edge(layer.folder) and header.startswith(NOT_FOR_EDGES):
        return f"{layer.folder} may not see {header}: an edge translates"
    if "*" in layer.may or target.folder in layer.may:
        return None
    return f"{layer.folder} may not see {target.folder} ({layer.why})"


def file_faults(path, text):
    """Yields (line number, fault) of one source file."""
    layer = layer_of(path)
    if layer is None:
        yield 1, "the file lies in no folder of the table"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            header = match.group(2)
            fault = arrow_fault(layer, header) or library_fault(
                path, layer, header
            )
            if fault:
                yield number, fault
        elif layer.folder in DOMAINS:
            code = line.split("//")[0]
            for pattern, what in FORBIDDEN_IN_DOMAINS:
                if pattern.search(code):
                    yield number, what


def sub_folder(path):
    """The first two folders of a path, or None where it lies higher."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else None


def sub_arrows(path, text):
    """Yields (from, to, line number) between sub-folders of one folder."""
    here = sub_folder(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        there = sub_folder(match.group(2)) if match else None
        if here is None or there is None or here == there:
            continue
        if here.split("/")[0] == there.split("/")[0]:
            yield here, there, number


def reached(start, after):
    """What arrows lead to from a folder, itself only by a cycle."""
    seen = set()
    left = [start]
    while left:
        for folder in after.get(left.pop(), ()):
            if folder not in seen:
                seen.add(folder)
                left.append(folder)
    return seen


def cycle_faults(arrows):
    """Yields (path, line number, fault) of cycles that are no knot of ours.

    `arrows` maps (from, to) to the places of that arrow, (path, line number).
    Of each cycle the arrow with the fewest places is the wrong one.
    """
    after = {}
    for here, there in arrows:
        after.setdefault(here, set()).add(there)
    reach = {folder: reached(folder, after) for folder in after}
    cycles = {
        frozenset(other for other in reach if other in reach[one] and one in reach[other])
        for one in reach
        if one in reach[one]
    }
    for cycle in sorted(cycles, key=sorted):
        if cycle in KNOTS:
            continue
        known = [knot for knot in KNOTS if cycle & knot]
        wrong = [
            (len(places), arrow)
            for arrow, places in arrows.items()
            if cycle.issuperset(arrow)
            and not any(knot.issuperset(arrow) for knot in known)
        ]
        if wrong:
            here, there = min(wrong)[1]
            path, number = arrows[(here, there)][0]
            yield path, number, f"{here} sees {there}, which comes back to it"
    tied = frozenset().union(*cycles)
    for folder in sorted(frozenset().union(*KNOTS) - tied):
        yield "tools/lint/layers.py", 1, f"KNOTS: {folder} is in no cycle any more"


def sources(root):
    """Paths of our sources, relative: those that git tracks or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for path in sorted(set(listed.split("\0"))):
        if path.endswith(SOURCE_SUFFIXES) and (root / path).is_file():
            yield path


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    count = faults = 0
    arrows = {}
    for path in sources(root):
        count += 1
        text = (root / path).read_text(encoding="utf-8")
        for number, fault in file_faults(path, text):
            faults += 1
            print(f"{path}:{number}: {fault}")
        for here, there, number in sub_arrows(path, text):
            arrows.setdefault((here, there), []).append((path, number))
    for path, number, fault in cycle_faults(arrows):
        faults += 1
        print(f"{path}:{number}: {fault}")
    print(f"   {count} files against {len(LAYERS)} layers, {faults} wrong arrows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
