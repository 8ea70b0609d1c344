#!/bin/sh
# The whole conversation of the bulk API, with curl alone: ask, upload, register, follow, fetch what
# failed, mend it, hand it in again. Called by ./x demo api; what it may be told is said in stage.sh.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/stage.sh"
need_programs curl

# field NAME FILE: a text or a number of a JSON object, the first of that name.
field() { grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" "$2" | head -1 | sed 's/^[^:]*://; s/^"//; s/"$//'; }
outline() {
  for name in state message successes failures total open_failures; do
    printf '  %-14s %s\n' "$name" "$(field "$name" "$1")"
  done
}
# follow FILE: asks until the job has ended, no sooner than the server says.
follow() {
  type_in 'curl -sS --fail-with-body -H "$auth" -o status.json "$status_url"'
  while :; do
    curl -sS --fail-with-body -D headers -o "$1" -H "$auth" "$status_url"
    grep -q '"finished_at":null' "$1" || break
    sleep "$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' headers)"
  done
}

title "a PostgreSQL of its own, the table, the dataset, the server, a token"
start_database
query -f "$here/tables.sql" >/dev/null 2>&1
cp "$here/fornecedores.csv" "$here/fix.sed" "$work"
cd "$work"
"$eclusa" contract publish "$here/fornecedores.yaml" >/dev/null
start server "$eclusa" serve --listen 127.0.0.1:0 --storage "$work/store"
base=$(address_of server)/erp3/2531/fornecedores/_bulk
token=$("$eclusa" token create --name demo --role submit --expires 1 2>/dev/null)
auth="Authorization: Bearer $token"
printf 'base=%s\nauth="Authorization: Bearer $token"\n' "$base"
head -3 fornecedores.csv | iconv -f WINDOWS-1252 -t UTF-8

title "1. ask where to upload"
run 'curl -sS --fail-with-body -H "$auth" -o upload.json "$base" --json "{\"file\": \"fornecedores.csv\"}"'
upload_url=$(field upload_url upload.json)
cut -c1-200 upload.json
printf 'upload_url=%s...\n' "$(printf '%s' "$upload_url" | cut -c1-90)"

title "2. upload the file: the signed URL is the right to do it"
run 'curl -sS --fail-with-body -T fornecedores.csv "$upload_url"'
printf '\n'

title "3. register the load; the key makes it one load, however often it is sent"
run 'curl -sS --fail-with-body -X PUT -H "$auth" -H "Idempotency-Key: demo-$$" -o job.json "$base" --json "{\"url\": \"$upload_url\"}"'
status_url=$(field status_url job.json)
printf 'status_url=%s\n' "$status_url"
outline job.json

title "4. follow it"
printf '%s\n' '(until it has ended, no sooner than Retry-After says)'
follow status.json
outline status.json
first_url=$status_url

title "5. fetch the rows that failed, as they came, each with all its reasons"
run 'curl -sS --fail-with-body -H "$auth" -H "Accept: text/csv" -o failures.csv "$first_url/failures"'
iconv -f WINDOWS-1252 -t UTF-8 failures.csv | cut -c1-150

title "6. mend them"
cat fix.sed
run 'LC_ALL=C sed -f fix.sed failures.csv >fixed.csv'

title "7. hand them in again: ask, upload, register"
run 'curl -sS --fail-with-body -H "$auth" -o upload.json "$base" --json "{\"file\": \"fixed.csv\"}"'
upload_url=$(field upload_url upload.json)
run 'curl -sS --fail-with-body -T fixed.csv "$upload_url"'
printf '\n'
run 'curl -sS --fail-with-body -H "$auth" -o job.json "$first_url/resubmit" --json "{\"url\": \"$upload_url\"}"'
status_url=$(field status_url job.json)
follow status.json
outline status.json

title "8. of the first load nothing is open any more"
run 'curl -sS --fail-with-body -H "$auth" -o status.json "$first_url"'
outline status.json
grep -q '"open_failures":0[,}]' status.json || { echo "demo: failures are still open" >&2; exit 1; }

title "the server stops"
stop_running
printf 'the same by one command each: eclusa client upload, failures, resubmit\n'
