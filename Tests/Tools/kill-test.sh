#!/usr/bin/env bash
# Kills commands with SIGKILL at random moments and gives them again until they end, and compares every file with those of
# an undisturbed run; only environment.json, which has times, may differ. Any other file, or a missing one, is a failure.
#
#   Tests/Tools/kill-test.sh [program] [kills] [seed]
set -euo pipefail
program=$(realpath "${1:-.build/release/espalier}")
kills=${2:-100}
RANDOM=${3:-1}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small="--identities 4 --training-images 10 --validation-images 3 --test-images 3 --epochs 12"
names=(run train compare)
declare -A commands=(
  [run]="run $small --output out/run --figure out/figures/f.png --report out/report/r.md"
  [train]="train $small --optimizer adam --learning-rate 0.001 --patience 6 --output out/net.h5"
  [compare]="compare --seeds 1-2 --jobs 2 $small --output out/runs --figure out/c.png --report out/c.md"
)
declare -A milliseconds killed ended taken
for name in "${names[@]}"; do
  mkdir "$work/whole-$name"
  start=$(date +%s%3N)
  (cd "$work/whole-$name" && "$program" ${commands[$name]} 2>/dev/null)
  milliseconds[$name]=$(($(date +%s%3N) - start))
  killed[$name]=0 ended[$name]=0 taken[$name]=0
done

compare() {
  if ! diff -r --exclude=environment.json "$work/whole-$1" "$work/killed" >&2; then
    echo "kill-test: $1: other files than those of an undisturbed command" >&2
    exit 1
  fi
  ended[$1]=$((ended[$1] + 1))
}

# Runs the command once; kills it after the given milliseconds, or lets it end where none are given.
give() {
  local name=$1 after=${2:-}
  (cd "$work/killed" && exec "$program" ${commands[$name]} 2>"$work/said") &
  local process=$!
  if [ -n "$after" ]; then
    sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
    kill -9 $process 2>/dev/null || true
  fi
  local status=0
  wait $process 2>/dev/null || status=$?
  if grep -q ': resumed after epoch ' "$work/said"; then taken[$name]=$((taken[$name] + 1)); fi
  if [ $status = 137 ]; then
    killed[$name]=$((killed[$name] + 1))
    return 1
  elif [ $status != 0 ]; then
    echo "kill-test: $name ended with status $status:" >&2
    cat "$work/said" >&2
    exit 1
  fi
}

count=0
for ((round = 0; count < kills; round++)); do
  name=${names[$((round % 3))]}
  mkdir "$work/killed"
  # A few kills in a row, and then an end in peace.
  burst=$((1 + RANDOM % 5))
  while ((burst > 0 && count < kills)); do
    burst=$((burst - 1))
    if give "$name" $(((RANDOM * 32768 + RANDOM) % milliseconds[$name])); then compare "$name"; else count=$((count + 1)); fi
  done
  give "$name"
  compare "$name"
  rm -r "$work/killed"
done
for name in "${names[@]}"; do
  echo "$name: ${killed[$name]} kills, ${ended[$name]} ends with the files of an undisturbed command," \
    "${taken[$name]} times resumed after an epoch"
done
echo "$count kills in $round rounds: no file differs, none is left over"
