#!/bin/sh
# Runs a command beside an S3 server made for it (versitygw over a folder), and removes both afterwards.
# The folder is under TMPDIR, on a file system that keeps extended attributes.
#
#   tools/with_s3.sh COMMAND [ARGUMENT]...
#
# The command finds
#   ECLUSA_TEST_S3         the server's URL, on loopback
#   ECLUSA_TEST_S3_ACCESS  a key that may do everything, in the region us-east-1
#   ECLUSA_TEST_S3_SECRET  its secret
#   ECLUSA_TEST_S3_DATA    the folder behind it: a folder a bucket
# Where ECLUSA_TEST_S3 is set already the command is run as it is. The server keeps versions of buckets
# that ask for it. Whatever ends this script ends the server (kept.sh).
set -eu
. "$(dirname -- "$0")/kept.sh"

if [ $# -eq 0 ]; then
  echo "usage: with_s3.sh COMMAND..." >&2
  exit 2
fi
if [ -n "${ECLUSA_TEST_S3:-}" ]; then
  exec "$@"
fi
server=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)/build/deps/s3/versitygw
if [ ! -x "$server" ]; then
  echo "with_s3.sh: no S3 server is built; run ./x setup test" >&2
  exit 1
fi

keep_folder "${TMPDIR:-/tmp}" 'end -KILL "$(cat "$dir/pid" 2>/dev/null)"'
mkdir "$dir/data" "$dir/versions"
ECLUSA_TEST_S3_ACCESS=eclusa-test
ECLUSA_TEST_S3_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
ECLUSA_TEST_S3_DATA=$dir/data
export ECLUSA_TEST_S3_ACCESS ECLUSA_TEST_S3_SECRET ECLUSA_TEST_S3_DATA

# Whether our server answers on the port: another one there does not know the path.
answers() {
  python3 - "$1" <<'PYTHON'
import http.client, sys
try:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
    connection.request("GET", "/ready-for-eclusa")
    sys.exit(connection.getresponse().status != 200)
except OSError:
    sys.exit(1)
PYTHON
}

# A port that is free may be taken before the server has it: another one, then.
start() {
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  # Its key by the environment, where no other user reads it.
  ROOT_ACCESS_KEY_ID=$ECLUSA_TEST_S3_ACCESS ROOT_SECRET_ACCESS_KEY=$ECLUSA_TEST_S3_SECRET \
    "$server" --port "127.0.0.1:$port" --region us-east-1 --keep-alive --quiet \
    --health /ready-for-eclusa posix --versioning-dir "$dir/versions" \
    "$dir/data" >"$dir/log" 2>&1 </dev/null 9>&- &
  echo $! >"$dir/pid"
  tries=0
  while kill -0 "$(cat "$dir/pid")" 2>/dev/null && [ $tries -lt 500 ]; do
    if answers "$port"; then return 0; fi
    tries=$((tries + 1))
    sleep 0.02
  done
  kill -KILL "$(cat "$dir/pid")" 2>/dev/null || :
  return 1
}
start || start || start || {
  echo "with_s3.sh: the server did not start" >&2
  cat "$dir/log" >&2
  exit 1
}
ECLUSA_TEST_S3=http://127.0.0.1:$port
export ECLUSA_TEST_S3

run_kept "$@"
