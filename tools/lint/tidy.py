#!/usr/bin/env python3
"""Runs clang-tidy on what changed, or on everything, and remembers what passed.

tidy.py [--all] [--jobs N] BUILD_DIR, from the root of the clone. A file costs
10 to 20 s, so a file whose text, includes of ours, command and rules have passed
before is not read again. The memory is in LIMPID_CACHE_DIR, by default
~/.cache/limpid, and holds hashes only. --all joins files (tidy_batch.py).
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import tidy_batch

TIDY = "clang-tidy-14"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def git(*arguments):
    """Output of a git command, or None where git says no."""
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return done.stdout.decode() if done.returncode == 0 else None


def changed_paths():
    """Paths that differ from where this branch left origin/main, or that the
    last commit touched; and whatever is not committed yet."""
    head = (git("rev-parse", "HEAD") or "").strip()
    base = (git("merge-base", "HEAD", "origin/main") or "").strip()
    if not base or base == head:
        base = (git("rev-parse", "HEAD~1") or "").strip()
    if base:
        names = git("diff", "--name-only", "-z", base) or ""
    else:
        names = git("ls-files", "-z") or ""
    names += git("ls-files", "-z", "--others", "--exclude-standard") or ""
    return set(filter(None, names.split("\0")))


class Sources:
    """The files of ours behind a .cc, read once."""

    def __init__(self, root):
        self.root = root
        self.text = {}
        self.reached = {}

    def read(self, path):
        if path not in self.text:
            file = self.root / path
            self.text[path] = file.read_bytes() if file.is_file() else b""
        return self.text[path]

    def includes(self, path):
        for header in INCLUDE.findall(self.read(path).decode("utf-8", "replace")):
            # Generated from a proto of ours: the proto decides.
            generated = re.sub(r"(\.grpc)?\.pb\.h$", ".proto", header)
            if generated != header:
                header = "proto/" + generated
            if (self.root / header).is_file():
                yield header

    def closure(self, path):
        """The file and every header of ours it reaches, sorted."""
        seen, todo = set(), [path]
        while todo:
            current = todo.pop()
            if current not in seen:
                seen.add(current)
                todo += self.includes(current)
        return sorted(seen)

    def rules(self, path):
        """The rule files that hold for a path."""
        folder = pathlib.PurePosixPath(path).parent
        for place in [folder, *folder.parents]:
            rule = (place / ".clang-tidy").as_posix()
            if (self.root / rule).is_file():
                yield rule


def digest(sources, path, command, version):
    """What has to be equal for a pass to hold again. No path of this machine."""
    root = str(sources.root)
    total = hashlib.sha256()
    total.update(version.encode())
    total.update(command.replace(root, "ROOT").encode())
    for name in [*sources.rules(path), *sources.closure(path)]:
        total.update(name.encode() + b"\0" + sources.read(name) + b"\0")
    return total.hexdigest()


def load_commands(build, root):
    """Compile command by path relative to the root, ours only."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if file.is_relative_to(root) and not file.is_relative_to(build):
            commands[file.relative_to(root).as_posix()] = entry["command"]
    return {
        path: command
        for path, command in commands.items()
        if "node_modules" not in path
    }


def pick(commands, sources, changed):
    """The .cc files to read for these changed paths. A header is read through
    the file of its name or, without one, through one file that includes it."""
    if any(pathlib.PurePath(p).name == ".clang-tidy" for p in changed):
        return sorted(commands)
    wanted = {path for path in commands if path in changed}
    for header in (p for p in changed if p.endswith(".h")):
        own = header[:-2] + ".cc"
        if own in commands:
            wanted.add(own)
            continue
        users = [p for p in sorted(commands) if header in sources.includes(p)]
        if not wanted.intersection(users):
            wanted.update(users[:1])
    return sorted(wanted)


def tidy(file, database, *options):
    done = subprocess.run(
        [TIDY, "-p", str(database), "--quiet", *options, str(file)],
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode()


# A check that costs nothing: clang-tidy will not run without one.
ONLY_COMPILE = "--checks=-*,google-explicit-constructor"


class Reader:
    """Reads one file, or a batch of them, and says which have faults."""

    def __init__(self, build, commands, sources):
        self.build = build
        self.commands = commands
        self.sources = sources

    def read(self, paths):
        """(paths that failed, what clang-tidy said)."""
        if len(paths) == 1:
            status, output = tidy(paths[0], self.build)
            return (list(paths) if status else []), output
        batch = tidy_batch.join(paths, self.sources)
        file, database = tidy_batch.write(
            batch, self.build / "tidy", self.commands, self.sources
        )
        # Files that do not stand each other: found out before all checks run.
        _, output = tidy(file, database, ONLY_COMPILE)
        if "[clang-diagnostic-error" in output:
            return self.apart(paths, tidy_batch.relocate(output, batch, file))
        status, output = tidy(file, database)
        if status == 0:
            return [], output
        output = tidy_batch.relocate(output, batch, file)
        named = mentioned(paths, output)
        # A fault in a header belongs to whoever includes it.
        own = all(line.startswith(tuple(paths)) for line in faults(output))
        return (named if named and own else list(paths)), output

    def apart(self, paths, output):
        """Reads the files that were complained of apart from the others."""
        one = mentioned(paths, output)
        if not one or len(one) == len(paths):
            one = paths[: len(paths) // 2]
        two = [path for path in paths if path not in one]
        first, second = self.read(one), self.read(two)
        return first[0] + second[0], first[1] + second[1]


def mentioned(paths, output):
    """Those of `paths` in which something was found."""
    return [p for p in paths if re.search(rf"(?m)^{re.escape(p)}:", output)]


def faults(output):
    return re.findall(r"(?m)^\S+:\d+:\d+: (?:error|warning):.*$", output)


def report(output, shown):
    """Prints faults once, though several files reach the same header."""
    parts = re.split(r"(?m)^(?=\S+:\d+:\d+: (?:error|warning):)", output)
    for part in parts:
        if part.strip() and part not in shown:
            shown.add(part)
            print(part.rstrip())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("build", type=pathlib.Path)
    options = parser.parse_args()

    root = pathlib.Path.cwd().resolve()
    build = options.build.resolve()
    cache = pathlib.Path(
        os.environ.get("LIMPID_CACHE_DIR", pathlib.Path.home() / ".cache/limpid")
    )
    passed = cache / "tidy"
    passed.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(
        [TIDY, "--version"], capture_output=True, check=True
    ).stdout.decode()

    sources = Sources(root)
    commands = load_commands(build, root)
    paths = (
        sorted(commands)
        if options.all
        else pick(commands, sources, changed_paths())
    )
    keys = {p: digest(sources, p, commands[p], version) for p in paths}
    todo = [p for p in paths if not (passed / keys[p]).exists()]
    print(f"   {len(paths)} files, {len(paths) - len(todo)} passed before", flush=True)

    batches = (
        tidy_batch.plan(todo, commands, sources)
        if options.all
        else [[path] for path in todo]
    )
    reader = Reader(build, commands, sources)
    failed, shown, count, started = [], set(), 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = {pool.submit(reader.read, paths): paths for paths in batches}
        for job in concurrent.futures.as_completed(jobs):
            paths = jobs[job]
            faulty, output = job.result()
            seconds = int(time.monotonic() - started)
            count += len(paths)
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            print(
                f"   [{count}/{len(todo)}] {seconds:4} s  {paths[0]}{more}",
                flush=True,
            )
            for path in set(paths) - set(faulty):
                (passed / keys[path]).touch()
            if faulty:
                failed += faulty
                report(output, shown)
    for path in sorted(failed):
        print(f"   clang-tidy: {path}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
