#!/usr/bin/env bash
# Manual pages made from the program's own help: man-pages.sh PROGRAM FOLDER
set -euo pipefail
program=$1 folder=$2
version=$("$program" --version)
mkdir -p "$folder"

# page NAME: the help of a command on standard input, its manual page on standard output.
page() {
  awk -v name="$1" -v version="$version" '
    function escaped(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); sub(/^[.\x27]/, "\\\\\\&&", text); return text }
    BEGIN { printf ".TH \"%s\" 1 \"\" \"Espalier %s\" \"Espalier\"\n", toupper(name), version }
    /^OVERVIEW: / { sub(/^OVERVIEW: /, ""); printf ".SH NAME\n%s \\- %s\n", escaped(name), escaped($0); inside = 0; described = 0; next }
    /^USAGE: / { sub(/^USAGE: /, ""); printf ".SH SYNOPSIS\n.nf\n%s\n", escaped($0); inside = 1; usage = 1; next }
    /^[A-Z][A-Z ,\x27-]*:$/ || /^[A-Z][A-Za-z ,\x27-]*:$/ {
      if (inside) print ".fi"
      sub(/:$/, ""); printf ".SH %s\n.nf\n", toupper(escaped($0)); inside = 1; usage = 0; next
    }
    {
      if (!inside && !described && $0 != "") { print ".SH DESCRIPTION"; print ".nf"; described = 1; inside = 1 }
      if (usage && $0 == "") { print ".fi"; inside = 0; usage = 0; next }
      if (inside) print escaped($0)
    }
    END { if (inside) print ".fi" }'
}

"$program" --help | page espalier > "$folder/espalier.1"
"$program" --help | awk '/^SUBCOMMANDS:/ { on = 1; next } on && /^  [a-z]/ { print $1 }' | while read -r command; do
  "$program" "$command" --help | page "espalier-$command" > "$folder/espalier-$command.1"
done
