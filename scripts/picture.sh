#!/usr/bin/env bash
# Draws the demo as people see it: scripts/picture.sh WEIR PICTURE.svg
# It runs in a terminal of its own, so that colours and widths are a terminal's.
set -euo pipefail

weir=$(realpath "$1")
picture=$(realpath -m "$2")
cd "$(dirname "$0")/.."
mkdir -p bin "$(dirname "$picture")"
go build -o bin/picture ./scripts/picture

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(
  cd "$work"
  export TERM=xterm-256color
  unset NO_COLOR
  script -qec "stty cols 100 rows 40; exec '$weir' demo" demo.log >/dev/null </dev/null
)
# The recording's own first and last line are not the demo's.
sed -e '1{/^Script started/d}' -e '/^Script done/d' "$work/demo.log" |
  bin/picture -title 'weir demo' -command 'weir demo' >"$work/picture.svg"
mv "$work/picture.svg" "$picture"
