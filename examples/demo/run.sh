#!/bin/sh
# The main job on real files with real mistakes: load, look at what failed, mend it, hand it in again.
# Called by ./x demo; what it may be told is said in stage.sh.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/stage.sh"

# Shows a command and runs it; a load that ends with failures (3) is what the demo is about.
show() {
  line=
  for word; do
    word=$(printf '%s' "$word" | sed "s#$eclusa#eclusa#; s#$here/##g; s#$work/##g")
    case $word in *' '*) word="'$word'" ;; esac
    line="$line $word"
  done
  type_in "${line# }"
  "$@" || [ $? -eq 3 ]
}
job_of() { sed -n 's/^job \([0-9]*\) .*/\1/p' "$1" | head -1; }

title "a PostgreSQL of its own, and two tables"
start_database
query -f "$here/tables.sql" 2>/dev/null
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
