#!/usr/bin/env bash
# Installs the program, its manual pages and its completions: install.sh PROGRAM PREFIX
set -euo pipefail
program=$1 prefix=$2
here=$(dirname "$0")

# The nearest folder above that is there has to be one that we may write.
above=$prefix
while [ ! -e "$above" ]; do above=$(dirname "$above"); done
if [ ! -d "$above" ] || [ ! -w "$above" ]; then
  echo "make install: $above: cannot be written; expected PREFIX=\$HOME/.local, or sudo" >&2
  exit 1
fi
for folder in bin share/man/man1 share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d; do
  mkdir -p "$prefix/$folder" 2>/dev/null && [ -w "$prefix/$folder" ] ||
    { echo "make install: $prefix/$folder: cannot be written; expected PREFIX=\$HOME/.local, or sudo" >&2; exit 1; }
done
install -m 755 "$program" "$prefix/bin/espalier"
"$here/man-pages.sh" "$program" "$prefix/share/man/man1"
"$program" --generate-completion-script bash > "$prefix/share/bash-completion/completions/espalier"
"$program" --generate-completion-script zsh > "$prefix/share/zsh/site-functions/_espalier"
"$program" --generate-completion-script fish > "$prefix/share/fish/vendor_completions.d/espalier.fish"
echo "installed $prefix/bin/espalier, manual pages and completions"
