#!/usr/bin/env bash
# What earlier versions stored, opened by this one: every golden store starts
# once its logs are adopted, gives the answers it gave, goes on, and its logs
# pass an audit. tests/golden/README.md
set -euo pipefail

readonly golden="$LIMPID_SOURCE_DIR/tests/golden"
limpid="$LIMPID_BIN_DIR/limpid"
limpidd="$LIMPID_BIN_DIR/limpidd"
work=$(mktemp -d)
server=0
# shellcheck source=tests/golden/lib.sh
source "$golden/lib.sh"
trap 'stop; rm -rf "$work"' EXIT
fail() {
  cat "$work"/*.out 2>/dev/null || true
  echo "FAILED: $1"
  exit 1
}

command -v xz >/dev/null || {
  echo "SKIPPED: xz is absent (Debian package xz-utils)"
  exit 0
}
opened=0
for store in "$golden"/*.tar.xz; do
  name=$(basename "$store" .tar.xz)
  rm -rf "$work/world" "$work/expected" "$work/limpidd.out"
  tar -xJf "$store" -C "$work"
  # The head of a log that was copied does not sign on by itself.
  if serve; then fail "$name: a copied head was taken for the true one"; fi
  grep -q "docs/move-server.md" "$work/limpidd.out" ||
    fail "$name: the refusal does not say what to do"
  server=0
  serve --adopt-copied-logs || fail "$name: the server does not start"
  mkdir -p "$work/actual"
  answers "$work/actual" || fail "$name: an answer is refused"
  python3 "$golden/compare.py" "$work/expected" "$work/actual" ||
    fail "$name: an answer changed"
  # It goes on: what was erased stays erased, and new values are kept.
  if as anna get person.language --version 1 >"$work/get.out" 2>&1; then
    fail "$name: an erased version came back"
  fi
  if as boris get person.name >"$work/get.out" 2>&1; then
    fail "$name: an erased person came back"
  fi
  as anna put person.phone '"+31201234567"' >"$work/put.out" 2>&1 ||
    fail "$name: nothing new is kept"
  as anna check-log >"$work/check.out" 2>&1 || fail "$name: her log is broken"
  for log in access register vault; do
    vkey=$(sed -n "s#.*\"\([^\"]*/$log+[^\"]*\)\".*#\1#p" \
      "$work/world/people/anna/trust.json")
    folder=$log
    [[ $log != access ]] || folder=consent
    "$limpid" audit "$work/world/server/data/$folder/log" --vkey "$vkey" \
      >"$work/audit.out" 2>&1 || fail "$name: the $log log does not pass"
  done
  stop
  # And starts again as its own.
  serve || fail "$name: it does not start a second time"
  as anna get person.phone >"$work/get.out" 2>&1 || fail "$name: lost a value"
  stop
  ((opened += 1))
done
((opened > 0)) || fail "there is no golden store"
echo "$opened golden stores opened"
