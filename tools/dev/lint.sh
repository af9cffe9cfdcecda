#!/usr/bin/env bash
# ./dev lint [--all]: every rule a machine can hold, cheapest first. All of them
# run, then the command fails if one did. --all: clang-tidy on every file, and
# every header compiled alone (that compiles the whole tree, hence not always).
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"
# shellcheck source=tools/dev/cmake.sh
source "${ROOT}/tools/dev/cmake.sh"

all=()
case "${1:-}" in
  '') ;;
  --all) all=(--all) ;;
  *) fail "lint does not know \"$1\"." 'Usage: ./dev lint [--all]' ;;
esac

failed=()

# check NAME COMMAND...: runs one check and goes on.
check() {
  local name="$1" started="${SECONDS}"
  shift
  say "${name}"
  if "$@"; then
    printf '   clean, %d s\n' "$((SECONDS - started))"
  else
    failed+=("${name}")
    printf '   FAILED: %s\n' "${name}"
  fi
}

files() { git ls-files -z --cached --others --exclude-standard -- "$@"; }

format() {
  files '*.h' '*.cc' | xargs -0 -r clang-format-14 --dry-run -Werror || {
    printf '   ./dev fmt puts this right\n'
    return 1
  }
}

# Scripts have a name that ends in .sh or a first line that names a shell.
scripts() {
  {
    files '*.sh'
    files | xargs -0 -r grep -lZIE -m 1 '^#!.*\b(bash|sh)$' -- || true
  } | sort -zu | xargs -0 -r shellcheck -x
}

protos() {
  local buf
  buf="$(compgen -G "${ROOT}/tools/buf/node_modules/@bufbuild/*/bin/buf")" || {
    printf '   buf is missing: no binary for this machine in tools/buf\n'
    return 1
  }
  "${buf}" lint
}

# The rules themselves: planted faults must be found.
checkers() {
  (cd tools/lint && python3 -B -m unittest -q layers_test text_test \
    tidy_batch_test) &&
    (cd tools/dev && python3 -B -m unittest -q joined_test)
}

# Generated headers must be there before clang-tidy can read what uses them.
tidy() {
  build dev cmake_object_order_depends_target_limpid_proto \
    cmake_object_order_depends_target_limpid_bench_proto &&
    python3 tools/lint/tidy.py "${all[@]}" --jobs "${JOBS}" "${BUILD}/release"
}

headers() { build dev all_verify_interface_header_sets; }

set_up build lint
cd "${ROOT}"
check 'the checkers find planted faults' checkers
check 'include directions and libraries' python3 tools/lint/layers.py
check 'text: guards, sizes, open work, paths, lock files' python3 tools/lint/text.py
check 'format (clang-format 14)' format
check 'shell scripts (shellcheck)' scripts
check 'protos (buf lint)' protos
((${#all[@]} == 0)) || check 'every header compiles alone' headers
check 'clang-tidy 14' tidy

if ((${#failed[@]} > 0)); then
  printf 'lint: %d failed:\n' "${#failed[@]}"
  printf '  %s\n' "${failed[@]}"
  exit 1
fi
say 'lint: clean'
