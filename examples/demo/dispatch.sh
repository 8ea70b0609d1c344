#!/bin/sh
# One upload, split into parts, told to two workers by RabbitMQ, and followed by the splitter's status.
# Called by ./x demo dispatch, beside a broker of its own (tools/with_rabbitmq.sh); what else it may be told
# is said in stage.sh.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/../dispatch" && pwd)
. "$(dirname -- "$0")/stage.sh"
broker=${ECLUSA_TEST_BROKER:?the URL of a broker}
need_programs curl python3

field() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$2" "$1"; }
# The document, one line a part.
outline() {
  python3 - "$1" <<'PY'
import json, sys
told = json.load(open(sys.argv[1]))
print(" ", {k: v for k, v in told.items() if not isinstance(v, list)})
for part in told["success"] + told["failed"]:
    print("  part", part["part"], part["status"], {k: v for k, v in part["message"].items() if v != 0})
PY
}
# follow FILE: sends it to its dataset and asks until all is done.
follow() {
  run "curl -sS --fail-with-body -F $1 -o sent.json \"\$api/\""
  url=$(field url sent.json)
  type_in 'curl -sS "$url"      (until it is no longer processing)'
  while :; do
    curl -sS --fail-with-body -o status.json "$url"
    [ "$(field status status.json)" = processing ] || break
    sleep 0.1
  done
  outline status.json
}

title "a PostgreSQL of its own, a broker, a server, two workers"
start_database
query -c 'DROP TABLE IF EXISTS public.user_purchase' -f "$here/tables.sql" 2>/dev/null >&2
cd "$work"
export ECLUSA_BROKER_URL="$broker" ECLUSA_BROKER_POLL_SECONDS=60 ECLUSA_STORAGE_FOLDER="$work/store"
export ECLUSA_API_OPEN='base_teste 127.0.0.1,base_teste_estrita 127.0.0.1'
start server "$eclusa" serve --listen 127.0.0.1:0 --workers 0 --contracts "$here/contracts"
api=$(address_of server)
start worker-1 "$eclusa" worker --workers 1
start worker-2 "$eclusa" worker --workers 1
printf 'api=%s\nThe workers look for work themselves once a minute: it is messages that wake them.\n' "$api"

title "fifty thousand lines, as the splitter took them"
python3 "$here/make_base.py" 50000 >base_teste.txt
head -3 base_teste.txt
follow base_teste=@base_teste.txt
printf 'parts by worker:\n'
query -At -c "SELECT '  worker ' || worker_id || ': ' || string_agg((part + 1)::text, ', ' ORDER BY part)
              FROM eclusa.parts WHERE job_id = (SELECT max(id) FROM eclusa.jobs) GROUP BY worker_id ORDER BY 1"

title "the same file again: nothing changes, nothing fails"
follow base_teste=@base_teste.txt
query -At -c "SELECT '  read ' || read || ', unchanged ' || unchanged || ', failed ' || failed
              FROM eclusa.jobs ORDER BY id DESC LIMIT 1"

title "a file with faults: marked and counted where the contract says so"
python3 "$here/make_base.py" 30000 --seed 2 --dirt 100 >dirty.txt
follow base_teste=@dirty.txt
query -c "SELECT cpf, cpf_valido, cnpj_loja_mais_frequente_valido AS loja_valida FROM public.user_purchase
          WHERE NOT cpf_valido OR NOT cnpj_loja_mais_frequente_valido ORDER BY id LIMIT 4"

title "the same where nothing wrong is let in: such rows fail, each with its reasons"
follow base_teste_estrita=@dirty.txt
query -c "SELECT line, first_code, reasons -> 0 ->> 'message' AS reason FROM eclusa.failures
          WHERE job_id = (SELECT max(id) FROM eclusa.jobs) ORDER BY row LIMIT 5"
printf 'They can be fetched, mended and handed in again: ./x demo api plays that.\n'

title "a load that never was"
run 'curl -sS "$api/status?message_id=520204c2-8a6f-44a6-bd26-42fe2b19515e" | cut -c1-150'
