#!/usr/bin/env bash
# A root key in shares, as its operators use it: init writes the files and no
# key, a start is sealed, two administrators open it and one alone does not, the
# next start is sealed again, and new shares end the old ones.
set -euo pipefail

readonly exit_refused=1
readonly exit_usage=2
readonly exit_no_server=3
# shellcheck source=tests/e2e/lib.sh
source "$LIMPID_SOURCE_DIR/tests/e2e/lib.sh"
start() {
  launch limpidd "$work/city/limpid.toml"
  await "$work/limpidd.ready" "limpidd sealed"
  address=$(sed -n 's/^limpidd sealed: grpc //p' "$work/limpidd.ready")
  export LIMPID_SERVER="localhost:${address##*:}"
}

"$limpid" admin init "$work/city" --operator city.example \
  --grpc-address 127.0.0.1:0 --https-address 127.0.0.1:0 \
  --root-key-shares 2/3 --share-dir "$work/shares" --share-holder Ana \
  --share-holder Bo --share-holder Cy >"$work/init.out" 2>&1 || fail "init"
grep -q "Hand each to one operator" "$work/init.out" || fail "says nothing of handing out"
[[ ! -e $work/city/root.key ]] || fail "there is a key file"
[[ $(stat -c %a "$work"/shares/root-key-share-*.txt | sort -u) == 600 ]] ||
  fail "others may read the shares"
share() { echo "$work/shares/root-key-share-$1-of-3.txt"; }
grep -q "^For:    Bo$" "$(share 2)" || fail "a share without its holder"
for who in ana bo; do
  "$limpid" admin issue-certificate "$work/city" "$who" --out "$work/$who" \
    --administrator >/dev/null
done
export LIMPID_CA="$work/city/ca/server-ca.pem"

expect "$exit_usage" "K/N" "$limpid" admin init "$work/bad" \
  --root-key-shares 4/3 --share-dir "$work/bad-shares"
expect "$exit_usage" "share-dir" "$limpid" admin init "$work/bad" \
  --root-key-shares 2/3

start
expect 0 "sealed" as ana admin seal-state
expect 0 "2 of 3" as ana admin seal-state
expect "$exit_no_server" "the server is sealed" as ana admin list-services
! grep -q "^next:" "$work/expect.out" || fail "it says to start a server"
expect "$exit_no_server" "the server is sealed" "$limpid" --home "$work/home" person init
expect 0 "1 of 2 shares" as ana admin unseal "$(share 1)"
expect "$exit_refused" "from another administrator" as ana admin unseal "$(share 2)"
expect "$exit_refused" "share 1 was given already" as bo admin unseal "$(share 1)"
expect 0 "Forgotten: 1" as bo admin forget-shares
expect 0 "1 of 2 shares" as ana admin unseal "$(share 3)"
expect 0 "Unsealed" as bo admin unseal "$(share 2)"
await "$work/limpidd.ready" "limpidd ready"
expect 0 "unsealed" as ana admin seal-state
expect 0 "" as ana admin list-services
expect "$exit_refused" "is not sealed" as ana admin unseal "$(share 1)"
stop

start
kill "${servers[0]}"
wait "${servers[0]}" || fail "a sealed server does not stop cleanly"
servers=()

# New shares, of which the old ones are no part.
expect 0 "the earlier shares" "$limpid" admin move-root-key \
  "$work/city/limpid.toml" --share "$(share 1)" --share "$(share 2)" \
  --root-key-shares 2/2 --share-dir "$work/new"
sed -n 's/^  \(\(kind\|file\|module\|token\|name\|pin_file\|share_[a-z]*\) = .*\)$/\1/p' \
  "$work/expect.out" >"$work/section"
awk -v section="$work/section" '
  /^\[/ { inside = ($0 == "[root_key]") }
  inside && $0 == "[root_key]" { print; while ((getline line < section) > 0) print line }
  !inside' "$work/city/limpid.toml" >"$work/edited"
cp "$work/edited" "$work/city/limpid.toml"
start
expect "$exit_refused" "the share is of set" as ana admin unseal "$(share 1)"
expect 0 "1 of 2 shares" as ana admin unseal "$work/new/root-key-share-1-of-2.txt"
expect 0 "Unsealed" as bo admin unseal "$work/new/root-key-share-2-of-2.txt"
await "$work/limpidd.ready" "limpidd ready"
echo "sealed at each start, opened by two, and by new shares alone"
