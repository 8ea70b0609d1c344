#!/bin/sh
# The whole conversation of the bulk API, with curl alone: ask, upload, register, follow, fetch what
# failed, mend it, hand it in again. Called by ./x demo api. ECLUSA_BIN: the binary. ECLUSA_DEMO_DB: a
# database of one's own to play it on, instead of the private PostgreSQL.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
eclusa=${ECLUSA_BIN:?the path of the eclusa binary}
command -v curl >/dev/null 2>&1 || { echo "demo: curl is needed" >&2; exit 1; }
work=$(mktemp -d)
server='' stays=yes
leave() {
  code=$?
  # Why a call was refused, or why the server did not come up.
  [ "$code" -eq 0 ] || tail -n 3 "$work/job.json" "$work/serve.log" >&2 2>/dev/null || :
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || :; }
  [ -n "$stays" ] || "$eclusa" db stop >/dev/null 2>&1 || :
  rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
title() { printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"; }
# Shows a command as it could be typed, and runs it.
run() {
  printf '%s$ %s%s\n' "$bold" "$1" "$plain"
  eval "$1"
}
# field NAME FILE: a text or a number of a JSON object, the first of that name.
field() { grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" "$2" | head -1 | sed 's/^[^:]*://; s/^"//; s/"$//'; }
outline() {
  for name in state message successes failures total open_failures; do
    printf '  %-14s %s\n' "$name" "$(field "$name" "$1")"
  done
}
# follow FILE: asks until the job has ended, no sooner than the server says.
follow() {
  printf '%s$ %s%s\n' "$bold" 'curl -sS --fail-with-body -H "$auth" -o status.json "$status_url"' "$plain"
  while :; do
    curl -sS --fail-with-body -D headers -o "$1" -H "$auth" "$status_url"
    grep -q '"finished_at":null' "$1" || break
    sleep "$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' headers)"
  done
}

title "a PostgreSQL of its own, the table, the dataset, the server, a token"
if [ -n "${ECLUSA_DEMO_DB:-}" ]; then
  export ECLUSA_DB="$ECLUSA_DEMO_DB"
  psql -X -q -v ON_ERROR_STOP=1 -f "$here/tables.sql" "$ECLUSA_DB" 2>/dev/null
else
  unset ECLUSA_DB
  stays=$("$eclusa" db url 2>/dev/null || :)  # it was running: it goes on
  "$eclusa" db start >/dev/null
  "$eclusa" db psql -q -v ON_ERROR_STOP=1 -f "$here/tables.sql" >/dev/null 2>&1
fi
cp "$here/fornecedores.csv" "$here/fix.sed" "$work"
cd "$work"
"$eclusa" contract publish "$here/fornecedores.yaml" >/dev/null
: >ready
"$eclusa" serve --listen 127.0.0.1:0 --storage "$work/store" >ready 2>serve.log &
server=$!
until grep -q ://. ready; do
  kill -0 "$server" 2>/dev/null || { cat serve.log >&2; exit 1; }
  sleep 0.1
done
base=$(sed -n 's/^[a-z]* \(http[^ ]*\)$/\1/p' ready)/erp3/2531/fornecedores/_bulk
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
kill "$server"
wait "$server"
server=''
printf 'the same by one command each: eclusa client upload, failures, resubmit\n'
