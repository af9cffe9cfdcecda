#!/usr/bin/env bash
# limpid audit as an outsider runs it: passes over HTTPS and on a copy with the
# verifier key, has no result without a trust anchor, and fails when a byte that
# the checkpoint reaches is changed.
set -euo pipefail

readonly samples_per_file=8
readonly exit_usage=2
readonly exit_does_not_verify=4
# shellcheck source=tests/e2e/lib.sh
source "$LIMPID_SOURCE_DIR/tests/e2e/lib.sh"

# A world with all its logs, made by the main job, and served again.
"$limpid" up --check --shared "$work/nowhere" --keep "$work/world" \
  >"$work/up.out" 2>&1 || fail "the main job"
config=$(find "$work/world" -name limpid.toml)
serve limpidd "$config"
port=$(https_of limpidd)
readonly port=${port##*:}
LIMPID_SERVER=$(grpc_of limpidd)
export LIMPID_CA LIMPID_SERVER LIMPID_HOME="$work/home"
LIMPID_CA=$(find "$work/world" -name server-ca.pem)
vkey=$("$limpid" register log --json 2>"$work/log.out" |
  sed -n 's/.*"vkey": *"\([^"]*\)".*/\1/p') || true
[[ -n $vkey ]] || fail "no verifier key"

"$limpid" audit "https://localhost:$port/register" --vkey "$vkey" \
  >"$work/audit.out" 2>&1 || fail "the served log does not pass"
grep -q "^passed: " "$work/audit.out" || fail "it does not say that it passed"

code=0
"$limpid" audit "https://localhost:$port/register" >"$work/audit.out" 2>&1 || code=$?
((code == exit_usage)) || fail "without a trust anchor it exits with $code"
grep -q "trust anchor" "$work/audit.out" || fail "it does not say what is missing"

cp -r "$(dirname "$config")/data/register/log" "$work/copy"
"$limpid" audit "$work/copy" --vkey "$vkey" >"$work/audit.out" 2>&1 ||
  fail "the honest copy does not pass"

# Flips one bit of a file at an offset.
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
  printf "%b" "\\x$(printf %02x $((byte ^ 1)))" |
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
# What the checkpoint reaches: itself, and per level and index the widest tile.
reached() {
  echo "$work/copy/checkpoint"
  find "$work/copy/tile" -type f ! -path '*.p/*'
  find "$work/copy/tile" -type d -name '*.p' | while read -r folder; do
    [[ -e ${folder%.p} ]] || find "$folder" -type f | sort -t/ -V | tail -n 1
  done
}
flips=0
while read -r file; do
  size=$(stat -c %s "$file")
  for i in $(seq 0 $((samples_per_file - 1))); do
    at=$((i * (size - 1) / (samples_per_file - 1)))
    flip "$file" "$at"
    code=0
    "$limpid" audit "$work/copy" --vkey "$vkey" >"$work/audit.out" 2>&1 || code=$?
    flip "$file" "$at"
    ((code == exit_does_not_verify)) ||
      fail "after a change of byte $at of ${file#"$work"/} it exits with $code"
    ((flips += 1))
  done
done < <(reached)
((flips >= 24)) || fail "only $flips bytes were changed"
"$limpid" audit "$work/copy" --vkey "$vkey" >"$work/audit.out" 2>&1 ||
  fail "the copy is not honest again"
echo "$flips changed bytes were found, each"
