#!/usr/bin/env bash
# Gives the same commands again and again, several at a time, and compares every file with those of the first: figures as
# PNG, PDF and SVG, small runs that train their network, and comparisons of two such runs. Only environment.json, which has
# times, may differ.
#
#   Tests/Tools/stress.sh [program] [figures] [runs] [comparisons] [at a time]
set -euo pipefail
program=$(realpath "${1:-.build/release/espalier}")
figures=${2:-2000} runs=${3:-200} comparisons=${4:-200} jobs=${5:-8}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small="--identities 4 --training-images 10 --validation-images 3 --test-images 3 --epochs 2"
export program work small

run() { "$program" run $small --output run --figure f.png --figure f.svg --report r.md; }
figure() { "$program" plot ../first-run/run --output f.png --output f.pdf --output f.svg; }
comparison() { "$program" compare --seeds 1-2 $small --output runs --figure c.png --report c.md; }

# One command in a folder of its own; the folder goes where it is the same as the first one's.
once() {
  local kind=$1 number=$2
  mkdir "$work/$kind-$number" && cd "$work/$kind-$number"
  "$kind" >/dev/null 2>said || { echo "stress: $kind $number ended with status $?: $(cat said)"; return 0; }
  rm said
  [ "$number" = 0 ] && return
  diff -rq --exclude=environment.json "$work/first-$kind" . >/dev/null || { echo "stress: $kind $number has other bytes"; return 0; }
  cd "$work" && rm -r "$kind-$number"
}
export -f run figure comparison once

failed=0
for kind in run figure comparison; do
  once "$kind" 0
  mv "$work/$kind-0" "$work/first-$kind"
  case $kind in run) count=$runs ;; figure) count=$figures ;; comparison) count=$comparisons ;; esac
  said=$(seq "$count" | xargs -P "$jobs" -I{} bash -c "once $kind {}")
  differ=$(grep -c . <<<"$said" || true)
  files=$(find "$work/first-$kind" -type f ! -name environment.json | wc -l)
  echo "$kind: $count times $files files, $differ times other bytes or a failure"
  if [ "$differ" != 0 ]; then
    echo "$said" | head -5 >&2
    failed=1
  fi
done
exit $failed
