# shellcheck shell=bash
# Set-up: what a command needs is there, or is fetched, or is named exactly.
# Source lib.sh first, then call: set_up build [lint|fuzz].

readonly SETUP_DIR="${BUILD}/setup"

# Names in a package list, without comments.
listed() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

missing_packages() {
  local wanted installed
  wanted="$(listed "$@" | sort -u)"
  # shellcheck disable=SC2016,SC2086 # dpkg's own placeholders; one word a name
  installed="$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' ${wanted} \
    2>/dev/null | sed -n 's/^installed //p' | sort -u)"
  comm -23 <(printf '%s\n' "${wanted}") <(printf '%s\n' "${installed}")
}

is_debian_12() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null &&
    grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release
}

# explain PACKAGE...: what somebody has to do when we cannot.
explain() {
  printf '     %s\n' \
    "  apt-get install -y --no-install-recommends $*" \
    'as root on Debian 12, or their equivalents elsewhere.' \
    'With everything in place, LIMPID_SKIP_SETUP=1 ./dev ... skips this.' >&2
}

apt_install() {
  local apt=(apt-get -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" install --no-install-recommends "$@" && return 0
  # Absent or stale lists: fetch them and try once more.
  "${apt[@]}" update
  "${apt[@]}" install --no-install-recommends "$@"
}

ensure_packages() {
  local lists=() missing
  local name
  for name in "$@"; do lists+=("${ROOT}/tools/dev/packages/${name}.txt"); done
  if ! is_debian_12; then
    printf 'dev: this is not Debian 12. Limpid needs:\n' >&2
    # shellcheck disable=SC2046 # one word a name
    explain $(listed "${lists[@]}") npm
    exit 1
  fi
  missing="$(missing_packages "${lists[@]}" | tr '\n' ' ')"
  # npm from anywhere will do: Debian's conflicts with a foreign nodejs.
  command -v npm >/dev/null || missing="${missing}npm"
  [[ -n "${missing// /}" ]] || return 0
  if [[ "$(id -u)" -ne 0 ]]; then
    printf 'dev: not root, and these packages are missing:\n' >&2
    explain "${missing}"
    exit 1
  fi
  say "missing packages: ${missing}"
  # shellcheck disable=SC2086 # one word a name
  run_logged "${SETUP_DIR}/apt.log" 'installing them with apt-get' \
    apt_install ${missing} || fail 'apt-get could not install everything.' \
    'Without a network, install by hand:' \
    "apt-get install -y --no-install-recommends ${missing}"
}

# npm packages exactly as locked. No script of a package runs.
ensure_npm() {
  # Node has its own list of authorities; this machine's may hold one more,
  # such as that of a mirror.
  local authorities=/etc/ssl/certs/ca-certificates.crt
  [[ ! -f "${authorities}" ]] ||
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-${authorities}}"
  local need="$1" folder purpose stamp wanted
  while read -r folder purpose; do
    [[ "${purpose}" == "${need}" ]] || continue
    [[ -f "${ROOT}/${folder}/package-lock.json" ]] || continue
    stamp="${ROOT}/${folder}/node_modules/.limpid-lock"
    wanted="$(hash_of "${ROOT}/${folder}/package-lock.json")"
    [[ -f "${stamp}" && "$(cat "${stamp}")" == "${wanted}" ]] && continue
    command -v npm >/dev/null || fail 'npm is missing.' \
      'Install it (Debian 12: apt-get install npm), or set LIMPID_SKIP_SETUP=1.'
    run_logged "${SETUP_DIR}/npm-${folder//\//-}.log" \
      "fetching the npm packages of ${folder}" \
      npm ci --ignore-scripts --no-audit --no-fund \
      --prefix "${ROOT}/${folder}" || fail "npm could not fetch ${folder}." \
      'Without a network, copy its node_modules from a machine that has one.'
    printf '%s\n' "${wanted}" >"${stamp}"
  done < <(listed "${ROOT}/tools/dev/packages/npm.txt")
}

# The stamp says that this list was complete once; packages are still asked for
# each time, since somebody may have removed one.
set_up() {
  [[ "${LIMPID_SKIP_SETUP:-}" != 1 ]] || return 0
  local need stamp
  mkdir -p "${SETUP_DIR}"
  stamp="${SETUP_DIR}/stamp-$(hash_of "${ROOT}"/tools/dev/packages/*.txt |
    cut -c 1-16)"
  ensure_packages "$@"
  for need in "$@"; do ensure_npm "${need}"; done
  "${ROOT}/tools/dev/valijson.sh"
  if [[ ! -f "${stamp}" ]]; then
    touch "${stamp}"
    say 'everything this needs is installed'
  fi
}
