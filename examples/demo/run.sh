#!/bin/sh
# The main job on real files with real mistakes: load, look at what failed, mend it, hand it in again.
# Called by ./x demo. ECLUSA_BIN: the binary.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
eclusa=${ECLUSA_BIN:?the path of the eclusa binary}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi

title() { printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"; }
# Shows a command and runs it; a load that ends with failures (3) is what the demo is about.
show() {
  printf '%s$ %s%s\n' "$bold" "$(printf '%s' "$*" | sed "s#$eclusa#eclusa#; s#$here/##g; s#$work/##g")" "$plain"
  "$@" || [ $? -eq 3 ]
}
job_of() { sed -n 's/^job \([0-9]*\) .*/\1/p' "$1" | head -1; }

title "a PostgreSQL of its own, and two tables"
unset ECLUSA_DB
stays=$("$eclusa" db url 2>/dev/null || :)  # it was running: it goes on
"$eclusa" db start >/dev/null
trap '[ -n "$stays" ] || "$eclusa" db stop >/dev/null 2>&1; rm -rf "$work"' EXIT
"$eclusa" db psql -q -v ON_ERROR_STOP=1 -f "$here/tables.sql" 2>/dev/null
sed -n 's/^CREATE TABLE/&/p' "$here/tables.sql"

title "suppliers, as an ERP exports them: Windows-1252; semicolons; 1.234,56; 31/12/2024"
head -3 "$here/fornecedores.csv" | iconv -f WINDOWS-1252 -t UTF-8
printf '\n'
show "$eclusa" load "$here/fornecedores.csv" --contract "$here/fornecedores.yaml" | tee "$work/report"
suppliers=$(job_of "$work/report")

title "what is owed to them, from Parquet; some suppliers are missing now"
show "$eclusa" load "$here/titulos.parquet" --to demo.titulos | tee "$work/report"
titles=$(job_of "$work/report")

title "the rows that failed, as they came, each with all its reasons"
show "$eclusa" failures "$suppliers" --output "$work/fix.csv"
iconv -f WINDOWS-1252 -t UTF-8 "$work/fix.csv" | cut -c1-150

title "mended with sed, and handed in again"
cat "$here/fix.sed"
LC_ALL=C sed -f "$here/fix.sed" "$work/fix.csv" >"$work/fixed.csv"
printf '\n'
show "$eclusa" resubmit "$suppliers" "$work/fixed.csv"

title "now the suppliers are there: the payables that waited for them go through as they are"
show "$eclusa" failures "$titles" --output "$work/titles.parquet"
show "$eclusa" resubmit "$titles" "$work/titles.parquet" | tee "$work/report"

title "one payable is owed to nobody: waived, with a reason"
again=$(job_of "$work/report")
for job in "$titles" "$again"; do
  show "$eclusa" waive "$job" --code reference.missing --reason "supplier 9999999 never existed"
done

title "every job, and what is still open"
show "$eclusa" jobs
