"""Many .cc files as one text for clang-tidy, so that their headers are read once.

A file alone costs 10 to 40 s, nearly all of it headers. Files with one set of
rules and headers of one weight are joined, from any folder, each name at
the left margin once in a batch, an include only where it stands first. What a
batch cannot see: a using-declaration that only another file of the batch uses,
and an include that only another file has. ./dev lint without --all reads each
changed file alone.
"""

import dataclasses
import json
import pathlib
import re

# A compiler keeps what it made of each text in memory.
MAX_LINES = 2500
# clang-tidy does not, and its headers cost it 20 to 50 s a batch.
MAX_LINES_READ = 6000

# Headers that cost more than all others: light files do not wait for them.
HEAVY = re.compile(r"<grpcpp/|\.pb\.h|<boost/")

INCLUDE = re.compile(r"^#include\s+\S+\s*$")
# clang-format puts what a namespace holds at the left margin.
NAMES = [
    re.compile(r"^(?:class|struct|enum class|enum|union)\s+(\w+)\b(?!;)"),
    re.compile(r"^using (\w+) ="),
    re.compile(r"^#define (\w+)"),
    re.compile(r"^(?:MATCHER\w*|ABSL_FLAG)\((\w+)"),
    re.compile(r"^(?:inline |static |constexpr |const )+.*?(\w+)(?:\[\w*\])?\s*(?:=|\{|$)"),
    re.compile(r"^[A-Za-z_][\w:<>&*, ]*?[ &*>](\w+)\("),
]
# `using testing::Eq;` may stand in many files, beside no `Eq` of one's own.
SPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
BORROWED = re.compile(r"^using [\w:]+::(\w+);", re.MULTILINE)
ALIAS = re.compile(r"^namespace (\w+) = ([\w:]+);", re.MULTILINE)


@dataclasses.dataclass
class Batch:
    """Files that are read as one; `where` is the place of each line."""

    paths: list
    text: str = ""
    where: list = dataclasses.field(default_factory=list)


def names(text):
    """What a file defines at the left margin, near enough, each behind the
    namespace around it: a batch in which a name is defined twice does not
    compile and is read in halves. A macro has no namespace."""
    found, space = set(), ""
    for line in text.splitlines():
        opened = SPACE.match(line)
        if opened:
            space = opened.group(1)
        elif line.startswith(f"}}  // namespace {space}"):
            space = ""
        for pattern in NAMES:
            match = pattern.match(line)
            if match:
                found.add(("" if line[0] == "#" else space, match.group(1)))
    return found


def borrowed(text):
    """What a file takes from other namespaces by name."""
    space = SPACE.search(text)
    return {
        (space.group(1) if space else "", name)
        for name in BORROWED.findall(text)
    }


def join(paths, sources):
    """The batch of these files."""
    batch, included, lines = Batch(list(paths)), set(), []
    for path in paths:
        text = sources.read(path).decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if INCLUDE.match(line):
                if line.strip() in included:
                    line = ""
                else:
                    included.add(line.strip())
            lines.append(line)
            batch.where.append((path, number))
    batch.text = "\n".join(lines) + "\n"
    return batch


def flags(command, path):
    """The words of a command without its own source and object; a flag and its
    folder are one word. Position independence does not matter to a reader."""
    command = re.sub(r" -o \S+", "", command)
    command = re.sub(rf"\s\S*{re.escape(path)}(?=\s|$)", "", command)
    command = re.sub(r" (-isystem) (\S+)", r" \1\2", command)
    return [w for w in command.split() if w not in ("-c", "-fPIC", "-fPIE")]


def macros(words):
    """Value by name of what a command defines."""
    found = (re.match(r"-D(\w+)(?:=(.*))?$", word) for word in words)
    return {match.group(1): match.group(2) for match in found if match}


def common_command(paths, commands, file):
    """One command that reads `file` as those of `paths` read theirs."""
    words = dict.fromkeys(w for p in paths for w in flags(commands[p], p))
    # A name of one file may be a local name of another.
    return " ".join([*words, "-Wno-shadow", "-c", str(file)])


def heavy(path, sources):
    """Whether a file reaches headers of gRPC, Protocol Buffers or Boost."""
    return any(
        HEAVY.search(sources.read(name).decode("utf-8", "replace"))
        for name in sources.closure(path)
        if not name.endswith(".proto")
    )


@dataclasses.dataclass
class Open:
    """A batch that is being filled."""

    members: list
    defined: set
    borrowed: set
    # Namespaces by the names they are called, and macros of the command.
    aliases: dict
    lines: int

    def takes(self, other, limit):
        return (
            self.lines + other.lines <= limit
            and not other.defined & (self.defined | self.borrowed)
            and not other.borrowed & self.defined
            and all(
                self.aliases.get(name, target) == target
                for name, target in other.aliases.items()
            )
        )

    def add(self, other):
        self.members += other.members
        self.defined |= other.defined
        self.borrowed |= other.borrowed
        self.aliases |= other.aliases
        self.lines += other.lines


def group(paths, texts, limit=MAX_LINES, defined=None):
    """Lists of `paths` that may stand in one text: no name twice, not more than
    `limit` lines. `texts` holds what each path contains, `defined` the macros
    of its command where they differ."""
    batches = []
    for path in paths:
        text = texts[path]
        mine = Open(
            [path],
            names(text),
            borrowed(text),
            dict(ALIAS.findall(text)) | (defined or {}).get(path, {}),
            text.count("\n"),
        )
        for batch in batches:
            if batch.takes(mine, limit):
                batch.add(mine)
                break
        else:
            batches.append(mine)
    return [batch.members for batch in batches]


def plan(paths, commands, sources):
    """Lists of paths that may be read as one, the longest first."""
    groups, batches = {}, []
    texts = {p: sources.read(p).decode("utf-8", "replace") for p in paths}
    for path in paths:
        key = (heavy(path, sources), tuple(sources.rules(path)))
        groups.setdefault(key, []).append(path)
    for members in groups.values():
        defined = {p: macros(flags(commands[p], p)) for p in members}
        batches += group(members, texts, MAX_LINES_READ, defined)
    return sorted(
        batches, key=lambda batch: -sum(texts[p].count("\n") for p in batch)
    )


def write(batch, place, commands, sources):
    """Lays a batch and its command under `place`; returns the file to read."""
    first = batch.paths[0]
    folder = place / pathlib.PurePosixPath(first).parent
    folder.mkdir(parents=True, exist_ok=True)
    for rule in sources.rules(first):
        copy = place / rule
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(sources.read(rule))
    file = folder / (pathlib.PurePosixPath(first).stem + "_and_others.cc")
    file.write_text(batch.text)
    command = common_command(batch.paths, commands, file)
    (folder / (file.stem + ".json")).mkdir(exist_ok=True)
    database = folder / (file.stem + ".json") / "compile_commands.json"
    database.write_text(
        json.dumps(
            [{"directory": str(place), "file": str(file), "command": command}]
        )
    )
    return file, database.parent


def relocate(output, batch, file):
    """The output with the places of the files instead of those of the batch."""

    def place(match):
        path, number = batch.where[int(match.group(1)) - 1]
        return f"{path}:{number}:"

    return re.sub(rf"{re.escape(str(file))}:(\d+):", place, output)
