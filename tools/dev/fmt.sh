#!/usr/bin/env bash
# ./dev fmt: formats the C++ sources in place, with the version the rules name.
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"

set_up lint
cd "${ROOT}"
git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cc' |
  xargs -0 -r clang-format-14 -i
say 'formatted; git diff shows what changed'
