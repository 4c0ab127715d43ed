#!/bin/bash
# Runs tests on a processor with AVX-512, whatever this one is: Bochs emulates it, and a Linux there runs the test bundle.
#
#   emulated-avx512.sh TESTS [OPTION...]     OPTION: for the bundle, as --filter EngineForwardTests
#
# Needs Debian's packages bochs and bochs-term; the kernel and what else the emulated machine needs are fetched from the
# distribution and unpacked into a temporary folder, none of it is installed. About 50 million instructions a second.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: emulated-avx512.sh TESTS [OPTION...]" >&2; exit 2; }
[ "$(uname -m)" = x86_64 ] || { echo "emulated-avx512: the tests must be x86-64's" >&2; exit 2; }
tests=$(realpath "$1")
project=$(realpath "$(dirname "$(realpath "$0")")/../..")
shift
options=(--testing-library swift-testing --no-parallel "$@")
work=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" { print $2 }' | tail -n 1)
[ -n "$kernel" ] || { echo "emulated-avx512: apt-get knows no linux-image-cloud-amd64; is this Debian?" >&2; exit 1; }
apt-get download -q "$kernel" isolinux syslinux-common genisoimage busybox-static >apt.log 2>&1 || { cat apt.log >&2; exit 1; }
for package in *.deb; do dpkg-deb -x "$package" packages; done
busybox=packages/bin/busybox
[ -x "$busybox" ] || busybox=packages/usr/bin/busybox

# The emulated machine's only file system: the tests, their files, the libraries that they are linked to and the one that
# they load.
mkdir -p guest/{bin,dev,proc,sys,tmp} disc
cp "$busybox" guest/bin/busybox
cp "$tests" guest/bin/tests
cp -r --parents "$project/Tests" guest
libraries=$(ldconfig -p | awk '/libopenblas\.so\.0/ { print $NF }' | tail -n 1)
for file in "$tests" $libraries; do ldd "$file"; done | grep -o '/[^ ]*' | cat - <(printf '%s\n' $libraries) | sort -u |
  xargs cp -L --parents -t guest
{
  cat <<'EOF'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir /dev/shm
flags=$(grep -m 1 ^flags /proc/cpuinfo | tr ' ' '\n' | grep -E '^(avx|fma)' | tr '\n' ' ')
echo "Linux $(uname -r) on an emulated processor with $flags"
cd /tmp
status=1
case " $flags" in
  *" avx512f "*)
EOF
  echo "    LD_LIBRARY_PATH=$(ldd "$tests" | awk '/libswiftCore/ { print $3 }' | xargs dirname) HOME=/tmp /bin/tests $(printf '%q ' "${options[@]}")"
  cat <<'EOF'
    status=$?;;
esac
echo "status $status"
sleep 1
poweroff -f
EOF
} >guest/init
chmod +x guest/init
(cd guest && find . | "../$busybox" cpio -o -H newc >../disc/files 2>/dev/null)

# Bochs 2.7 tells a wrong size for the compact format of the registers' state, and Linux then does without AVX; it keeps AVX
# where it may not use that format.
cat >disc/isolinux.cfg <<'EOF'
default tests
prompt 0
label tests
 kernel linux
 initrd files
 append console=ttyS0 loglevel=0 mitigations=off noxsaves clearcpuid=xsavec tsc=reliable panic=-1
EOF
cp packages/boot/vmlinuz-* disc/linux
cp packages/usr/lib/ISOLINUX/isolinux.bin packages/usr/lib/syslinux/modules/bios/ldlinux.c32 disc
packages/usr/bin/genisoimage -quiet -o disc.iso -b isolinux.bin -c boot.catalog \
  -no-emul-boot -boot-load-size 4 -boot-info-table disc
cat >machine <<'EOF'
display_library: term
megs: 2048
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.stdvga.bin
cpu: model=corei7_skylake_x, count=1, ips=100000000
clock: sync=none
ata0-master: type=cdrom, path=disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=said
log: log
EOF
echo c >go

# Bochs's debugger wants a word to go on. Its screen is a terminal that it opens itself, and it stands still once nobody has
# read that for a while. That the machine is switched off is a failure to it: what counts is what the machine said.
touch said terminal
TERM=xterm timeout 7200 stdbuf -oL bochs -f machine -rc go </dev/null >terminal 2>&1 &
emulator=$!
screen=
while [ -z "$screen" ] && kill -0 "$emulator" 2>/dev/null; do
  sleep 1
  screen=$(sed -n 's/^Bochs connected to screen "\(.*\)"$/\1/p' terminal)
done
[ -z "$screen" ] || cat "$screen" >/dev/null 2>&1 &
tail -n +1 -f said --pid "$emulator"
wait "$emulator" || true
emulator=
if ! tr -d '\r' <said | grep -qx 'status 0'; then
  grep -q '^status' said || { tail -n 5 log terminal; echo "the machine stopped before the tests ended"; } >&2
  echo "emulated-avx512: failed" >&2
  exit 1
fi
