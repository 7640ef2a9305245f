#!/usr/bin/env bash
# Tells what is missing to build Weir; with --install, installs the compilers
# where apt-get is at hand and we may use it.
set -euo pipefail

say() { printf 'weir: %s\n' "$*" >&2; }

# The go command that is installed; go.mod may make it fetch a newer one.
go_is_new_enough() {
  local v major minor
  v=$(go env GOVERSION 2>/dev/null) || return 1
  v=${v#go}
  major=${v%%.*}
  minor=${v#*.}
  minor=${minor%%[!0-9]*}
  ((major > 1 || (major == 1 && minor >= 26)))
}

has_compiler() {
  command -v "${1:-}" >/dev/null 2>&1
}

install_compilers() {
  say 'installing a C and C++ compiler'
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc g++ libc6-dev >&2
}

missing=0
if ! command -v go >/dev/null 2>&1; then
  say 'Go is missing: Weir is built with Go 1.26 or newer (https://go.dev/dl)'
  missing=1
elif ! go_is_new_enough; then
  say "Go 1.26 or newer is needed, and this is $(go env GOVERSION) (https://go.dev/dl)"
  missing=1
fi

cc=${CC:-$(command -v cc || command -v gcc || command -v clang || true)}
cxx=${CXX:-$(command -v c++ || command -v g++ || command -v clang++ || true)}
if ! has_compiler "${cc%% *}" || ! has_compiler "${cxx%% *}"; then
  if [[ ${1:-} == --install && $(id -u) == 0 ]] && command -v apt-get >/dev/null 2>&1; then
    install_compilers
  else
    say 'a C and C++ compiler are missing: DuckDB is linked in with cgo'
    say '  Debian, Ubuntu: apt-get install gcc g++    macOS: xcode-select --install    Fedora: dnf install gcc-c++'
    missing=1
  fi
fi

if [[ ${CGO_ENABLED:-1} == 0 ]]; then
  say 'CGO_ENABLED=0 is set: DuckDB is linked in with cgo, so unset it'
  missing=1
fi
exit "$missing"
