# Read by the demos: how they show what they do, and a PostgreSQL, processes and a folder ($work) that end
# with them. ECLUSA_BIN: the binary. ECLUSA_DEMO_DB: a database of one's own to play it on, instead of the
# private PostgreSQL.
eclusa=${ECLUSA_BIN:?the path of the eclusa binary}
work=$(mktemp -d)
running='' stays=yes

leave() {
  code=$?
  # Why a call was refused, or why a process did not come up.
  [ "$code" -eq 0 ] || tail -n 3 "$work"/*.log "$work"/*.json >&2 2>/dev/null || :
  stop_running
  [ -n "$stays" ] || "$eclusa" db stop >/dev/null 2>&1 || :
  rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

need_programs() {
  for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || { echo "demo: $program is needed" >&2; exit 1; }
  done
}

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
title() { printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"; }
type_in() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; }
# Shows a command as it could be typed, and runs it.
run() {
  type_in "$1"
  eval "$1"
}

start_database() {
  if [ -n "${ECLUSA_DEMO_DB:-}" ]; then
    export ECLUSA_DB="$ECLUSA_DEMO_DB"
  else
    unset ECLUSA_DB
    stays=$("$eclusa" db url 2>/dev/null || :)  # it was running: it goes on
    "$eclusa" db start >/dev/null
  fi
}
query() {
  if [ -n "${ECLUSA_DEMO_DB:-}" ]; then
    psql -X -q -v ON_ERROR_STOP=1 "$ECLUSA_DEMO_DB" "$@"
  else
    "$eclusa" db psql -q -v ON_ERROR_STOP=1 "$@"
  fi
}

# start NAME COMMAND...: in the background, until it says that it is ready, in NAME.ready.
start() {
  name=$1
  shift
  : >"$work/$name.ready"
  "$@" >"$work/$name.ready" 2>"$work/$name.log" &
  running="$running $!"
  until [ -s "$work/$name.ready" ]; do
    kill -0 "$!" 2>/dev/null || exit 1
    sleep 0.1
  done
}
# Where the server listens that was started as NAME.
address_of() { sed -n 's/^[a-z]* \(http[^ ]*\)$/\1/p' "$work/$1.ready"; }
stop_running() {
  for process in $running; do kill "$process" 2>/dev/null && wait "$process" || :; done
  running=''
}
