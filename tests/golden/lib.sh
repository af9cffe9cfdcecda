# What making and opening a golden store share. Callers set `limpid`, `limpidd`,
# `work`, and `server` to 0.
# shellcheck shell=bash disable=SC2154

# Serves "$work/world" on free ports, with further words for limpidd, and points
# the command line at it.
serve() {
  local config="$work/world/server/limpid.toml"
  sed -i -e 's/^grpc = .*/grpc = "127.0.0.1:0"/' \
    -e 's/^https = .*/https = "127.0.0.1:0"/' \
    -e 's/^public_url = .*/public_url = ""/' "$config"
  # Emptied here: the new process does it at a time of its own.
  : >"$work/ready"
  "$limpidd" --config "$config" "$@" >"$work/ready" 2>>"$work/limpidd.out" &
  server=$!
  for _ in $(seq 150); do
    grep -q "^limpidd ready" "$work/ready" && break
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.1
  done
  local grpc
  grpc=$(sed -n 's/.*grpc \([^,]*\),.*/\1/p' "$work/ready")
  https=$(sed -n 's/.*https \(.*\)$/\1/p' "$work/ready")
  https="https://localhost:${https##*:}"
  [[ -n $grpc ]] || return 1
  export LIMPID_SERVER="localhost:${grpc##*:}"
  # What persons pinned at first contact: the vault's address.
  sed -i "s/\"localhost:[0-9]*\"/\"$LIMPID_SERVER\"/" \
    "$work"/world/people/*/trust.json
  export LIMPID_CA="$work/world/server/ca/server-ca.pem"
}

stop() {
  if ((server != 0)); then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=0
  fi
}

as() { LIMPID_HOME="$work/world/people/$1" "$limpid" --json person "${@:2}"; }

# Answers that a later version must give as well, one file each in folder $1.
answers() {
  local out="$1" name attribute
  for name in anna boris; do
    as "$name" list >"$out/$name.list.json"
    as "$name" accesses >"$out/$name.accesses.json"
    as "$name" holds >"$out/$name.holds.json"
  done
  for attribute in person.name person.birth_date person.email; do
    as anna get "$attribute" >"$out/anna.get.$attribute.json"
  done
  as anna get person.name --version 1 >"$out/anna.first.person.name.json"
  as anna history person.language >"$out/anna.history.person.language.json"
}
