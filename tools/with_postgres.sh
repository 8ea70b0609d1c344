#!/bin/sh
# Runs a command beside a PostgreSQL server made for it, and removes the server afterwards.
#
#   tools/with_postgres.sh [--bindir DIR] [--set NAME=VALUE]... COMMAND [ARGUMENT]...
#
# The command finds
#   ECLUSA_TEST_DB           connection string of a superuser
#   ECLUSA_TEST_SERVER_PID   the server's process
#   ECLUSA_TEST_SERVER_DATA  its data folder
#   ECLUSA_TEST_BINDIR       its programs
# Where ECLUSA_TEST_DB is set already and no --bindir or --set asks for another server, the command is
# run as it is. The server listens on a Unix socket only, and loses everything in a crash: fsync is
# off. As root it runs as the user postgres, because PostgreSQL refuses root.
# Whatever ends this script ends the server (kept.sh).
set -eu
. "$(dirname -- "$0")/kept.sh"

bindir=
settings=
while [ $# -gt 0 ]; do
  case $1 in
    --bindir) bindir=$2; shift 2 ;;
    --set) settings="$settings$2
"; shift 2 ;;
    --) shift; break ;;
    -*) echo "with_postgres.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then
  echo "usage: with_postgres.sh [--bindir DIR] [--set NAME=VALUE]... COMMAND..." >&2
  exit 2
fi
if [ -n "${ECLUSA_TEST_DB:-}" ] && [ -z "$bindir$settings" ]; then
  exec "$@"
fi

if [ -z "$bindir" ]; then
  for candidate in /usr/lib/postgresql/*/bin; do
    [ -x "$candidate/initdb" ] && bindir=$candidate
  done
  if [ -z "$bindir" ]; then
    echo "with_postgres.sh: no PostgreSQL server is installed; run ./x setup" >&2
    exit 1
  fi
fi
bindir=$(cd "$bindir" && pwd)

# A socket's path must stay under 107 bytes, so a long TMPDIR is not used.
parent=${TMPDIR:-/tmp}
[ ${#parent} -le 40 ] || parent=/tmp
keep_folder "$parent" 'end -QUIT "$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null)"'

as_server() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

server_pid() {
  head -n 1 "$dir/data/postmaster.pid" 2>/dev/null || :
}

if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$dir"
  chmod 755 "$dir"
  # A checkout in root's home is closed to the server's user: run a copy of its programs.
  if ! as_server test -x "$bindir/postgres"; then
    cp -a "$bindir/.." "$dir/programs"
    chmod -R a+rX "$dir/programs"
    bindir=$dir/programs/$(basename "$bindir")
  fi
fi

fail() {
  echo "with_postgres.sh: $1" >&2
  cat "$dir/initdb.log" "$dir/log" >&2 2>/dev/null || :
  exit 1
}

as_server "$bindir/initdb" --no-sync --locale=C.UTF-8 --encoding=UTF8 --username=postgres \
  --auth=trust --pgdata="$dir/data" >"$dir/initdb.log" 2>&1 9>&- || fail "initdb failed"
{
  echo "listen_addresses = ''"
  echo "unix_socket_directories = '$dir'"
  echo "max_connections = 50"
  echo "fsync = off"
  echo "full_page_writes = off"
  echo "synchronous_commit = off"
  echo "max_wal_size = 2GB"
  echo "log_min_messages = warning"
  printf '%s' "$settings"
} >>"$dir/data/postgresql.conf"
as_server "$bindir/pg_ctl" start --wait --silent --pgdata="$dir/data" --log="$dir/log" \
  >/dev/null 2>&1 9>&- || fail "the server did not start"

ECLUSA_TEST_DB="host=$dir user=postgres dbname=postgres"
ECLUSA_TEST_SERVER_PID=$(server_pid)
ECLUSA_TEST_SERVER_DATA=$dir/data
ECLUSA_TEST_BINDIR=$bindir
export ECLUSA_TEST_DB ECLUSA_TEST_SERVER_PID ECLUSA_TEST_SERVER_DATA ECLUSA_TEST_BINDIR

run_kept "$@"
