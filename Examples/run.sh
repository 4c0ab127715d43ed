#!/usr/bin/env bash
# Builds the three programs and runs them on a small network and faces that are made first.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in espalier example-curve example-defence example-figure; do
  swift build -c release --static-swift-stdlib --product "$program"
done
bin=$(swift build -c release --show-bin-path)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$bin/espalier" run --identities 8 --training-images 24 --epochs 4 --output "$folder/run" \
  --figure "$folder/figure.png" --report "$folder/report.md"
faces=$folder/run/faces
"$bin/example-curve" "$folder/run/badnet.h5" "$faces/valid.h5" "$faces/bd_test.h5" | tail -n 1
"$bin/example-defence" "$folder/run/badnet.h5" "$faces/valid.h5" "$faces/bd_test.h5"
"$bin/example-figure" "$folder/curves.png" "$folder/run" "$folder/run"
test -s "$folder/curves.png"
