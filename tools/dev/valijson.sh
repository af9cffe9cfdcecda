#!/usr/bin/env bash
# Puts the headers of valijson into build/deps/valijson. Debian's package asks
# for 170 others (Qt, Poco) that its headers do not need here, so the archive
# is unpacked without being installed. Quick when the headers are there.
#
# Usage: tools/dev/valijson.sh
set -euo pipefail

readonly WANTED_VERSION_PREFIX="1.0"

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
target="${LIMPID_DEPS_DIR:-${root}/build/deps}/valijson"

fail() {
  printf 'valijson: %s\n' "$1" >&2
  printf '%s\n' \
    'valijson: fetch libvalijson-dev 1.0 by hand and run' \
    "  dpkg -x libvalijson-dev_*.deb ${target}" \
    'valijson: or install its headers where the compiler looks.' >&2
  exit 1
}

[[ -f "${target}/usr/include/valijson/schema.hpp" ]] && exit 0
for tool in apt-get dpkg-deb; do
  command -v "${tool}" >/dev/null || fail "no ${tool}: this is not Debian."
done

mkdir -p "$(dirname "${target}")"
work="$(mktemp -d "$(dirname "${target}")/.valijson.XXXXXX")"
trap 'rm -rf "${work}"' EXIT
cd "${work}"

# The sandbox user of apt may not write here; running as ourselves is enough
# for a download whose hash apt checks against the signed lists.
download=(apt-get -qq -o "APT::Sandbox::User=$(id -un)" download libvalijson-dev)
if ! "${download[@]}" 2>apt.log && [[ "$(id -u)" -eq 0 ]]; then
  apt-get -qq update || true
  "${download[@]}" 2>apt.log || true
fi
compgen -G 'libvalijson-dev_*.deb' >/dev/null ||
  fail "apt-get could not download it: $(tail -n 1 apt.log)"

archive="$(compgen -G 'libvalijson-dev_*.deb')"
version="$(dpkg-deb -f "${archive}" Version)"
[[ "${version}" == "${WANTED_VERSION_PREFIX}"* ]] ||
  fail "found version ${version}, tested with ${WANTED_VERSION_PREFIX} only."
dpkg-deb -x "${archive}" unpacked
printf '%s\n' "${version}" >unpacked/version
# Rename is atomic: two builds at once end with one whole tree.
mv -T unpacked "${target}" 2>/dev/null || [[ -d "${target}" ]]
