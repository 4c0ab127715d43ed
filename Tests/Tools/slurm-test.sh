#!/usr/bin/env bash
# A comparison on a real Slurm, on this one machine: submitted, killed, a task made to fail, one requeued, submitted again; in the
# end every record has the bytes of --engine local.
#   slurm-test.sh ESPALIER [SEEDS]
# Needs root: slurmd does. Uses Debian's slurm-wlm and munge, which it installs where they are missing. Ends what it started.
set -euo pipefail
program=$(realpath "$1")
seeds=${2:-40}
[ "$(id -u)" = 0 ] || { echo "slurm-test: run as root, since slurmd needs it" >&2; exit 1; }
command -v slurmctld >/dev/null && command -v munged >/dev/null || {
  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q slurm-wlm munge; }

work=$(mktemp -d)
state=$work/slurm; mkdir -p "$state"/{ctld,d}
finish() {
  for file in "$state"/d.pid "$state"/ctld.pid "$state"/munged.pid; do
    [ -s "$file" ] || continue
    daemon=$(cat "$file")
    kill "$daemon" 2>/dev/null || continue
    # Until it has ended it writes into the folder that goes.
    for _ in $(seq 50); do kill -0 "$daemon" 2>/dev/null || break; sleep 0.1; done
  done
  [ -n "${KEEP:-}" ] && echo "slurm-test: kept $work" || rm -rf "$work"
}
trap finish EXIT

host=$(hostname -s)
mkdir -p /run/munge; chown -R munge: /etc/munge /var/log/munge /var/lib/munge /run/munge
[ -f /etc/munge/munge.key ] || { head -c 1024 /dev/urandom >/etc/munge/munge.key; chown munge: /etc/munge/munge.key; chmod 400 /etc/munge/munge.key; }
if ! munge -n >/dev/null 2>&1; then
  runuser -u munge -- /usr/sbin/munged --pid-file=/run/munge/munged.pid
  for _ in $(seq 50); do munge -n >/dev/null 2>&1 && break; sleep 0.2; done
  cp /run/munge/munged.pid "$state/munged.pid"
fi
export SLURM_CONF=$state/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/d
SlurmctldPidFile=$state/ctld.pid
SlurmdPidFile=$state/d.pid
SlurmctldLogFile=$state/ctld.log
SlurmdLogFile=$state/d.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
MaxArraySize=8
KillWait=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" -N "$host"
for _ in $(seq 60); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.5; done
sinfo -h -o %T | grep -q idle || { tail "$state"/*.log >&2; echo "slurm-test: Slurm did not start" >&2; exit 1; }

recipe=(--identities 6 --training-images 12 --validation-images 4 --test-images 4 --epochs 30 --drops 2,10 --keep record)
mkdir "$work/local" "$work/cluster"
(cd "$work/local" && "$program" compare --seeds "1-$seeds" "${recipe[@]}" >/dev/null 2>&1)
echo "slurm-test: $seeds seeds here"

cd "$work/cluster"
export ESPALIER_ENGINE_PATIENCE=5
compare=("$program" compare --seeds "1-$seeds" "${recipe[@]}" --engine slurm --seeds-per-task 2 --engine-options "--time=00:05:00")
fails() { echo "slurm-test: $1" >&2; cat "$work"/*.txt >&2 || true; tail -20 "$state/ctld.log" >&2; exit 1; }

# What Slurm does not know is an error in its own words.
"${compare[@]%--time=00:05:00}" --engine-options "--partition=nowhere" 2>"$work/refused.txt" && fails "an unknown partition was accepted"
grep -q "nvalid partition" "$work/refused.txt" || fails "the refusal is not shown"

# A file is in the way of one seed's folder: its task fails, with every other seed's run collected.
mkdir -p runs/compare && : >runs/compare/seed-7
"${compare[@]}" --no-wait 2>"$work/submit.txt" || fails "not submitted"
[ "$(grep -c '^submitted' "$work/submit.txt")" -ge 2 ] || fails "MaxArraySize was not kept to"
# One task is requeued, and whoever waits is killed; jobs go on.
"${compare[@]}" >"$work/killed.txt" 2>&1 & waiting=$!
sleep 3
job=$(squeue -h -r -t RUNNING -o %F_%K | head -1)
[ -n "$job" ] && scontrol requeue "$job" && echo "slurm-test: requeued $job"
cancel=$(squeue -h -r -t PENDING -o %F_%K | tail -1)
[ -n "$cancel" ] && scancel "$cancel" && echo "slurm-test: cancelled $cancel"
kill -KILL "$waiting"; wait "$waiting" 2>/dev/null || true

status=0; "${compare[@]}" >"$work/partial.txt" 2>&1 || status=$?
[ "$status" = 1 ] || fails "a failed task ended with status $status"
grep -q "seed-7: task .*a file; expected a folder; log " "$work/partial.txt" || fails "the failed task is not named"
grep -q "This report is partial" report/comparison.md || fails "the report is not marked"
echo "slurm-test: partial, $(ls -d runs/compare/seed-*/run.json | wc -l) of $seeds runs"

rm runs/compare/seed-7
"${compare[@]}" >"$work/again.txt" 2>&1 || fails "the second submission failed"
for seed in $(seq "$seeds"); do
  for name in run.json curve.csv; do
    cmp "runs/compare/seed-$seed/$name" "$work/local/runs/compare/seed-$seed/$name" || fails "seed $seed differs"
  done
done
for file in figures report; do diff -r "$file" "$work/local/$file" || fails "$file differ"; done
echo "slurm-test: $seeds seeds, the same bytes as --engine local"
