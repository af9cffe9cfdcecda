#!/usr/bin/env bash
# Runs what README.md tells a newcomer to paste: every sh block that follows the
# line "<!-- tested -->", in order, in one shell.
set -euo pipefail

work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

awk '
  /^<!-- tested -->$/ { armed = 1; next }
  armed && /^```sh$/ { printing = 1; armed = 0; next }
  printing && /^```$/ { printing = 0; next }
  printing { print }
' "$LIMPID_SOURCE_DIR/README.md" >"$work/session.sh"

if [[ ! -s $work/session.sh ]]; then
  echo "SKIPPED: README.md has no block marked <!-- tested -->"
  exit 0
fi
# A README says where it stands; a test may stand anywhere.
cd "$LIMPID_SOURCE_DIR"
export LIMPID_HOME="$work/home"
PATH="$LIMPID_BIN_DIR:$PATH" TMPDIR="$work" \
  timeout 300 bash -euo pipefail "$work/session.sh"
