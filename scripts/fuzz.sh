#!/usr/bin/env bash
# Runs every fuzz test of the tree, one after the other: scripts/fuzz.sh [TIME]
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-20s}
found=0
while IFS=: read -r file line; do
  name=${line#func }
  name=${name%%(*}
  found=$((found + 1))
  printf '%s %s\n' "$(dirname "$file")" "$name"
  go test -run='^$' -fuzz="^$name\$" -fuzztime="$time" "./$(dirname "$file")"
done < <(git ls-files -co --exclude-standard '*_test.go' | xargs -r grep -H '^func Fuzz[A-Za-z0-9_]*(')

if ((found == 0)); then
  printf 'no fuzz test was found\n' >&2
  exit 1
fi
printf '%d fuzz tests, nothing found\n' "$found"
