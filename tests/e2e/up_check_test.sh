#!/usr/bin/env bash
# limpid up --check: the main job of the shipped binaries, on the real register
# when it is there, and on the project's own sample.
set -euo pipefail

readonly least_steps=25
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

# check NAME ARGUMENT...: runs the job and looks at its last line.
check() {
  local name=$1
  shift
  if ! "$LIMPID_BIN_DIR/limpid" up --check "$@" >"$work/$name" 2>"$work/$name.err"; then
    cat "$work/$name" "$work/$name.err"
    echo "FAILED: limpid up --check ($name) exits non-zero"
    exit 1
  fi
  local last steps
  last=$(tail -n 1 "$work/$name")
  if [[ ! $last =~ ^main\ job:\ ([0-9]+)\ steps\ ok$ ]]; then
    cat "$work/$name"
    echo "FAILED: the last line ($name) is: $last"
    exit 1
  fi
  steps=${BASH_REMATCH[1]}
  if ((steps < least_steps)) || [[ $(grep -c '^ok ' "$work/$name") -ne $steps ]]; then
    cat "$work/$name"
    echo "FAILED: $steps steps ($name), or not one line for each"
    exit 1
  fi
  echo "$name: $last"
}

check sample --shared "$work/nowhere"
LIMPID_SHARED="$work/nowhere" check sample-by-environment

if [[ -e ${LIMPID_SHARED:-}/data/algoregister/nl/algoritmes-2026-06-09.json ]]; then
  check register --shared "$LIMPID_SHARED"
else
  echo "note: the real register is absent; only the sample was played"
fi

# A directory that is in use is refused, and the reason said.
mkdir "$work/used"
touch "$work/used/file"
if "$LIMPID_BIN_DIR/limpid" up --check --keep "$work/used" >"$work/out" 2>&1; then
  echo "FAILED: a directory that is not empty was taken"
  exit 1
fi
grep -q "not empty" "$work/out"
# What is kept is there afterwards.
check kept --shared "$work/nowhere" --keep "$work/kept-files"
test -s "$work/kept-files/limpidd.log"

# For machines: JSON values and nothing else, a line for each step before the
# result; and why it fails is JSON too.
"$LIMPID_BIN_DIR/limpid" up --check --json --shared "$work/nowhere" >"$work/json"
failed=0
"$LIMPID_BIN_DIR/limpid" up --check --json --keep "$work/used" >"$work/failed" || failed=$?
((failed == 1))
python3 -B - "$work/json" "$work/failed" "$least_steps" <<'END'
import json
import sys

def values(file):
    with open(file, encoding="utf-8") as text:
        rest = text.read().strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        yield value
        rest = rest[end:].lstrip()

*steps, result = values(sys.argv[1])
assert all(step["ok"] and step["step"] for step in steps), steps
assert result == {"steps": len(steps)} and len(steps) >= int(sys.argv[3]), result
(refused,) = values(sys.argv[2])
assert "not empty" in refused["error"]["message"], refused
END
