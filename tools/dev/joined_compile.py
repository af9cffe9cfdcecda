#!/usr/bin/env python3
"""Compiles a joined source, or its parts one by one where they clash.

joined_compile.py [LAUNCHER...] COMPILER ... -o OBJECT ... -c SOURCE, as CMake's
launcher for C++. Whatever is not a joined source (CMake's unity_*.cxx) is passed
on as it is. When a joined one does not compile, it is compiled in halves, down
to single files, and the objects are made into one: two files may well use a name
for two things. A fault of a single file is then shown as its own.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

JOINED = re.compile(r"(?:^|/)unity_\w+_cxx\.cxx$")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def value_of(command, option):
    return command[command.index(option) + 1] if option in command else None


def with_value(command, option, value):
    out = list(command)
    if option in out:
        out[out.index(option) + 1] = value
    return out


def dependencies(path):
    """What stands behind the colon of a depfile."""
    text = path.read_text().replace("\\\n", " ")
    # A blank in a path stands behind a backslash, and stays there.
    return re.split(r"(?<!\\)\s+", text.split(": ", 1)[1].strip()) if ": " in text else []


class Parts:
    """What a joined source includes, compiled in as few pieces as go."""

    def __init__(self, command, source, place):
        self.command = command
        self.source = source
        self.place = place
        self.objects = []
        self.needed = {escaped(source)}

    def compile(self, files):
        """The exit status; of a single file that does not compile, if any."""
        number = len(list(self.place.iterdir()))
        source = files[0]
        if len(files) > 1:
            source = str(self.place / f"{number}.cxx")
            pathlib.Path(source).write_text(text_of(files))
        made, depfile = self.place / f"{number}.o", self.place / f"{number}.d"
        one = [source if word == self.source else word for word in self.command]
        one = with_value(with_value(one, "-o", str(made)), "-MF", str(depfile))
        done = subprocess.run(
            one if len(files) == 1 else joined(one), capture_output=True, check=False
        )
        if done.returncode != 0 and len(files) > 1:
            half = len(files) // 2
            return self.compile(files[:half]) or self.compile(files[half:])
        sys.stderr.buffer.write(done.stderr)
        self.objects.append(str(made))
        if depfile.exists():
            self.needed.update(set(dependencies(depfile)) - {escaped(source)})
        self.needed.update(escaped(file) for file in files)
        return done.returncode

    def write(self):
        """The object and the depfile that were asked for; the exit status."""
        target, depfile = value_of(self.command, "-o"), value_of(self.command, "-MF")
        if depfile:
            needed = " \\\n  ".join(sorted(self.needed))
            pathlib.Path(depfile).write_text(f"{target}: {needed}\n")
        return subprocess.run(
            ["ld", "-r", "-o", target, *self.objects], check=False
        ).returncode


def escaped(path):
    """As a depfile writes it."""
    return path.replace(" ", "\\ ")


def text_of(files):
    return "".join(f'#include "{file}"\n' for file in files)


def joined(command):
    """-Wshadow would be about names of other files."""
    return [*command[:-2], "-Wno-shadow", *command[-2:]]


def apart(command, source, place):
    """Compiles what `source` includes in halves, down to one by one."""
    files = INCLUDE.findall(pathlib.Path(source).read_text())
    half = len(files) // 2
    parts = Parts(command, source, place)
    return (
        parts.compile(files[:half] or files)
        or (half and parts.compile(files[half:]))
        or parts.write()
    )


def main():
    command = sys.argv[1:]
    source = command[-1] if command else ""
    if not JOINED.search(source):
        return subprocess.run(command, check=False).returncode
    done = subprocess.run(joined(command), capture_output=True, check=False)
    if done.returncode == 0:
        sys.stderr.buffer.write(done.stderr)
        return 0
    with tempfile.TemporaryDirectory() as place:
        return apart(command, source, pathlib.Path(place))


if __name__ == "__main__":
    sys.exit(main())
