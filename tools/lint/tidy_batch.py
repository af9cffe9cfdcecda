"""Many .cc files as one text for clang-tidy, so that their headers are read once.

A file alone costs 10 to 40 s, nearly all of it headers. Files of one folder with
one command and one set of rules are joined, each name at the left margin once
in a batch, an include only where it stands first. What a batch cannot see: a
using-declaration that only another file of the batch uses. ./dev lint without
--all reads each changed file alone.
"""

import dataclasses
import json
import pathlib
import re

MAX_LINES = 2500

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
BORROWED = re.compile(r"^using [\w:]+::(\w+);", re.MULTILINE)
ALIAS = re.compile(r"^namespace (\w+) = ([\w:]+);", re.MULTILINE)


@dataclasses.dataclass
class Batch:
    """Files that are read as one; `where` is the place of each line."""

    paths: list
    text: str = ""
    where: list = dataclasses.field(default_factory=list)


def names(text):
    """What a file defines at the left margin, near enough: a batch in which a
    name is defined twice does not compile and is read in halves."""
    found = set()
    for line in text.splitlines():
        for pattern in NAMES:
            match = pattern.match(line)
            if match:
                found.add(match.group(1))
    return found


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


def bare(command, path):
    """A command without the names of its own source and object."""
    command = re.sub(r" -o \S+", "", command)
    return re.sub(rf"\s\S*{re.escape(path)}(?=\s|$)", " SOURCE", command)


@dataclasses.dataclass
class Open:
    """A batch that is being filled."""

    members: list
    defined: set
    borrowed: set
    # Namespaces by the names they are called.
    aliases: dict
    lines: int

    def takes(self, other):
        return (
            self.lines + other.lines <= MAX_LINES
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


def group(paths, texts):
    """Lists of `paths` that may stand in one text: no name twice, not too
    long. `texts` holds what each path contains."""
    batches = []
    for path in paths:
        text = texts[path]
        mine = Open(
            [path],
            names(text),
            set(BORROWED.findall(text)),
            dict(ALIAS.findall(text)),
            text.count("\n"),
        )
        for batch in batches:
            if batch.takes(mine):
                batch.add(mine)
                break
        else:
            batches.append(mine)
    return [batch.members for batch in batches]


def plan(paths, commands, sources):
    """Lists of paths that may be read as one."""
    groups = {}
    for path in paths:
        folder = pathlib.PurePosixPath(path).parent
        key = (folder, bare(commands[path], path), tuple(sources.rules(path)))
        groups.setdefault(key, []).append(path)
    for members in groups.values():
        texts = {p: sources.read(p).decode("utf-8", "replace") for p in members}
        yield from group(members, texts)


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
    command = bare(commands[first], first).replace(" SOURCE", f" {file}")
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
