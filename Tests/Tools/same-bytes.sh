#!/bin/bash
# Runs a seed's whole study under everything that must not change a byte of it, and compares every file but environment.json.
#
#   same-bytes.sh ESPALIER [SEED...]     seeds 1 2 3 unless told otherwise; OPTIONS="--epochs 1" makes each study smaller
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: same-bytes.sh ESPALIER [SEED...]" >&2; exit 2; }
espalier=$(realpath "$1")
shift
seeds=("$@")
[ ${#seeds[@]} -gt 0 ] || seeds=(1 2 3)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=0
failed=0

# study NAME SEED VARIABLE=VALUE... -- OPTION...
study() {
  local name=$1 seed=$2
  shift 2
  local variables=()
  while [ "$1" != -- ]; do variables+=("$1"); shift; done
  shift
  mkdir -p "$work/$name"
  (cd "$work/$name" && env "${variables[@]}" "$espalier" run --seed "$seed" --output run ${OPTIONS:-} "$@" >/dev/null 2>"$work/log") ||
    { cat "$work/log" >&2; exit 1; }
  rm "$work/$name/run/environment.json"
  runs=$((runs + 1))
}

sets=()
for set in avx512 avx2 baseline; do
  if ESPALIER_KERNELS=$set "$espalier" --version >/dev/null 2>&1; then sets+=("$set"); else echo "$set: this processor lacks it"; fi
done
for seed in "${seeds[@]}"; do
  study expected "$seed" A=A --
  compare() {
    local what=$1
    shift
    study found "$seed" "$@"
    if diff -r "$work/expected" "$work/found" >"$work/difference"; then
      echo "seed $seed, $what: same"
    else
      echo "seed $seed, $what: DIFFERENT"
      cat "$work/difference"
      failed=1
    fi
    rm -rf "$work/found"
  }
  for set in "${sets[@]}"; do compare "$set" ESPALIER_KERNELS=$set --; done
  for threads in 1 2 5; do compare "$threads threads" A=A -- --threads $threads; done
  for core in Haswell Zen SkylakeX Sandybridge; do compare "OpenBLAS for $core" OPENBLAS_CORETYPE=$core --; done
  compare "OpenBLAS for this processor" -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE --
  compare "pixman without SSE2 and SSSE3" "PIXMAN_DISABLE=sse2 ssse3" --
  compare "locale C" LC_ALL=C --
  compare "locale tr_TR.UTF-8" LC_ALL=tr_TR.UTF-8 --
  rm -rf "$work/expected"
done
echo "$runs runs"
exit $failed
