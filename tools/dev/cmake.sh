# shellcheck shell=bash
# Configuring and building a preset. Source lib.sh first.

# Clones at different places then share one cache.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-${ROOT}}"

# Where a preset builds; `dev` is the one that ships, hence the name.
build_dir() {
  case "$1" in
    dev) printf '%s\n' "${BUILD}/release" ;;
    release) printf '%s\n' "${BUILD}/package" ;;
    *) printf '%s\n' "${BUILD}/$1" ;;
  esac
}

configure() {
  local preset="$1" dir
  dir="$(build_dir "${preset}")"
  local options=()
  # The place of outside test material, when this call names one.
  [[ -z "${LIMPID_SHARED:-}" ]] || options=("-DLIMPID_SHARED=${LIMPID_SHARED}")
  if [[ -f "${dir}/build.ninja" ]] && { ((${#options[@]} == 0)) ||
    grep -qxF "LIMPID_SHARED:PATH=${LIMPID_SHARED}" "${dir}/CMakeCache.txt"; }; then
    return 0
  fi
  run_logged "${BUILD}/setup/configure-${preset}.log" \
    "configuring the preset ${preset}" cmake -S "${ROOT}" --preset "${preset}" \
    "${options[@]}"
  sed -n '/^-- Limpid /,/^-- end of summary/p' \
    "${BUILD}/setup/configure-${preset}.log" |
    sed -e '/end of summary/d' -e 's/^-- /   /'
}

# build PRESET [TARGET...]
build() {
  local preset="$1" dir
  shift
  dir="$(build_dir "${preset}")"
  configure "${preset}"
  if [[ -t 1 && -z "${CI:-}" ]]; then
    say "building the preset ${preset} with ${JOBS} jobs"
    ninja -C "${dir}" -j "${JOBS}" "$@"
  else
    run_logged "${BUILD}/setup/build-${preset}.log" \
      "building the preset ${preset} with ${JOBS} jobs" \
      ninja -C "${dir}" -j "${JOBS}" "$@"
  fi
}
