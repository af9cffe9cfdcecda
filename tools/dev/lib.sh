# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the scripts that source this
# What the commands of ./dev share: where things are, how progress is told.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
BUILD="${ROOT}/build"
JOBS="${LIMPID_JOBS:-$(nproc)}"
readonly ROOT BUILD JOBS

say() { printf '== %s\n' "$*"; }

fail() {
  printf 'dev: %s\n' "$1" >&2
  shift
  [[ $# -eq 0 ]] || printf '     %s\n' "$@" >&2
  exit 1
}

# run_logged LOG TEXT COMMAND...: runs the command with its output in LOG, tells
# every LIMPID_HEARTBEAT seconds that it still runs, and how long it took. On
# failure shows the end of the log and returns the command's status.
run_logged() {
  local log="$1" text="$2" started="${SECONDS}" beat status=0
  shift 2
  mkdir -p "$(dirname "${log}")"
  say "${text} ..."
  "$@" >"${log}" 2>&1 </dev/null &
  local job=$!
  # A background job does not hear Ctrl-C by itself.
  # shellcheck disable=SC2064 # this job, now
  trap "kill ${job} 2>/dev/null; exit 130" INT TERM
  beat=$((SECONDS + ${LIMPID_HEARTBEAT:-15}))
  while kill -0 "${job}" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS >= beat)); then
      printf '   %4d s  %s\n' "$((SECONDS - started))" \
        "$(tail -n 1 "${log}" | tr -d '\r' | cut -c 1-100)"
      beat=$((SECONDS + ${LIMPID_HEARTBEAT:-15}))
    fi
  done
  wait "${job}" || status=$?
  trap - INT TERM
  if ((status != 0)); then
    tail -n 40 "${log}" >&2
    printf 'dev: failed: %s (all of it in %s)\n' "${text}" "${log}" >&2
    return "${status}"
  fi
  printf '   done in %d s\n' "$((SECONDS - started))"
}

hash_of() { cat "$@" | sha256sum | cut -d ' ' -f 1; }
