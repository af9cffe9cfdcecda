# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the scripts that source this
# What the tests of the shipped programs share: a place to work in, servers that
# end with the test, and commands that must end and say something.

work=$(mktemp -d)
readonly work
readonly limpid="$LIMPID_BIN_DIR/limpid"
servers=()
stop() {
  for server in "${servers[@]}"; do
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  done
  servers=()
}
trap 'stop; rm -rf "$work"' EXIT

fail() {
  cat "$work"/*.out 2>/dev/null || true
  echo "FAILED: $1"
  exit 1
}
# await FILE TEXT: until a line of the file begins so.
await() {
  for _ in {1..300}; do
    grep -q "^$2" "$1" && return
    sleep 0.1
  done
  fail "never said: $2"
}
# launch NAME CONFIG: starts a server, which says in $work/NAME.ready what it
# serves; its log is $work/NAME.out.
launch() {
  # Emptied here: the new process does it at a time of its own.
  : >"$work/$1.ready"
  "$LIMPID_BIN_DIR/limpidd" --config "$2" >"$work/$1.ready" 2>"$work/$1.out" &
  servers+=($!)
}
# serve NAME CONFIG: the same, and waits until it serves.
serve() {
  launch "$1" "$2"
  await "$work/$1.ready" "limpidd ready"
}
# What the server called $1 listens at.
grpc_of() { sed -n 's/.*grpc [^,]*:\([0-9]*\),.*/localhost:\1/p' "$work/$1.ready"; }
https_of() { sed -n 's/.*https .*:\([0-9]*\)$/localhost:\1/p' "$work/$1.ready"; }
# expect CODE TEXT COMMAND...: ends with that code, and says that text.
expect() {
  local code=$1 text=$2 got=0
  shift 2
  "$@" >"$work/expect.out" 2>&1 </dev/null || got=$?
  ((got == code)) || fail "\"$*\" exits with $got, not $code"
  grep -qF -- "$text" "$work/expect.out" || fail "\"$*\" does not say \"$text\""
}
# as WHO ARGUMENT...: the command line with the certificate of that name.
as() {
  local who=$1
  shift
  "$limpid" --certificate "$work/$who.pem" --key "$work/$who.key" "$@"
}
