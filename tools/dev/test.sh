#!/usr/bin/env bash
# ./dev test [-L LABEL] [--all]: builds the preset dev and runs its tests without
# the labels long and bench. --all adds the label long and the sanitizers.
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"
# shellcheck source=tools/dev/cmake.sh
source "${ROOT}/tools/dev/cmake.sh"

label=''
all=0
while [[ $# -gt 0 ]]; do
  case "$1" in
    -L)
      [[ $# -ge 2 ]] || fail '-L needs a label.' \
        'Usage: ./dev test [-L LABEL] [--all]; mim4 and mim5 are labels'
      label="$2"
      shift
      ;;
    --all) all=1 ;;
    *) fail "test does not know \"$1\"." 'Usage: ./dev test [-L LABEL] [--all]' ;;
  esac
  shift
done

# run_tests PRESET NAME CTEST-ARGUMENT...: ctest's own summary, then what the
# programs report about single cases: how many ran, which were skipped and why.
run_tests() {
  local preset="$1" name="$2" status=0
  local results="${BUILD}/results/${preset}-${name}"
  shift 2
  rm -rf "${results}"
  mkdir -p "${results}"
  say "testing the preset ${preset} (${name})"
  # GTEST_OUTPUT: each program leaves its cases there. setarch: the thread
  # sanitizer wants addresses where it expects them.
  GTEST_OUTPUT="xml:${results}/" setarch "$(uname -m)" -R \
    ctest --test-dir "$(build_dir "${preset}")" -j "${JOBS}" \
    --output-on-failure --no-tests=error \
    --output-junit "${results}/ctest.junit" "$@" || status=$?
  python3 "${ROOT}/tools/dev/cases.py" "${results}"
  return "${status}"
}

# The libraries without gRPC first and with next to nothing suppressed; then the
# rest, whose gRPC from Debian is not instrumented.
thread_sanitizer() {
  local labels=(-L 'unit|conformance|integration')
  TSAN_OPTIONS="suppressions=${ROOT}/tests/tsan-sqlcipher.supp" \
    run_tests tsan without-grpc "${labels[@]}" -LE '^(long|bench|grpc)$' ||
    return
  TSAN_OPTIONS="ignore_noninstrumented_modules=1 detect_deadlocks=0 \
suppressions=${ROOT}/tests/tsan.supp" run_tests tsan with-grpc \
    "${labels[@]}" -L grpc -LE '^(long|bench)$'
}

set_up build
# The sanitizers are built with the compiler of the fuzzers.
((all == 0)) || set_up build fuzz
# A subshell: without these the tests that need them say SKIPPED.
[[ "${LIMPID_SKIP_SETUP:-}" == 1 ]] || (ensure_npm test) ||
  say 'going on without what npm could not fetch'
build dev
select=(-LE '^bench$')
((all)) || select=(-LE '^(long|bench)$')
if [[ -n "${label}" ]]; then
  # Asked for by name, even long and bench run.
  run_tests dev "label-${label}" -L "^${label}\$"
  if [[ "${label}" == mim[45] ]]; then
    results="${BUILD}/results/dev-label-${label}"
    python3 "${ROOT}/tools/dev/mim_report.py" "${results}/${label}_test.xml" \
      "${results}" "${label}"
  fi
  exit
fi
run_tests dev tests "${select[@]}"
if ((all)); then
  build asan
  LSAN_OPTIONS="suppressions=${ROOT}/tests/lsan.supp:print_suppressions=0" \
    run_tests asan sanitized -L 'unit|conformance|integration' \
    -LE '^(long|bench)$'
  build tsan
  thread_sanitizer
fi
