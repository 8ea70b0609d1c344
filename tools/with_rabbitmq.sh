#!/bin/sh
# Runs a command beside a RabbitMQ broker made for it (Debian's rabbitmq-server, as whoever calls), and
# removes both afterwards.
#
#   tools/with_rabbitmq.sh COMMAND [ARGUMENT]...
#
# The command finds
#   ECLUSA_TEST_BROKER       the broker's URL on loopback, with a user who may do everything
#   ECLUSA_TEST_BROKER_TLS   the same over TLS, for the name localhost
#   ECLUSA_TEST_BROKER_CA    the certificate that signed the broker's
#   ECLUSA_TEST_BROKER_DIR   its folder: `pid` has its process group, `start` starts it again on the same
#                            ports and returns when it answers; whoever ends the group may call it
# Where ECLUSA_TEST_BROKER is set already the command is run as it is. Ports are random, of the broker, of
# its distribution and of the port mapper, which is a daemon of its own and ends with it. Whatever ends
# this script ends them (kept.sh).
set -eu
. "$(dirname -- "$0")/kept.sh"

if [ $# -eq 0 ]; then
  echo "usage: with_rabbitmq.sh COMMAND..." >&2
  exit 2
fi
if [ -n "${ECLUSA_TEST_BROKER:-}" ]; then
  exec "$@"
fi
server=/usr/lib/rabbitmq/bin/rabbitmq-server
if [ ! -x "$server" ]; then
  echo "with_rabbitmq.sh: rabbitmq-server is not installed; run ./x setup test" >&2
  exit 1
fi

# Process groups, of the broker and of its port mapper.
keep_folder "${TMPDIR:-/tmp}" '
for name in pid epmd.pid; do
  group=$(cat "$dir/$name" 2>/dev/null)
  end -KILL "${group:+-$group}"
done'
mkdir "$dir/home"
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

# A certificate authority of one certificate, and the broker's, good for a day.
make_certificates() {
  cd "$dir"
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj "/CN=eclusa test CA" \
    -keyout ca.key -out ca.pem
  openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout broker.key -out broker.csr
  echo "subjectAltName = DNS:localhost" >broker.ext
  openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 \
    -extfile broker.ext -out broker.pem
}

# Ends with success when a broker answers on the port given.
cat >"$dir/answers" <<'PYTHON'
import socket, sys
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as connection:
        connection.sendall(b"AMQP\x00\x00\x09\x01")
        sys.exit(connection.recv(1) != b"\x01")
except OSError:
    sys.exit(1)
PYTHON

# `start`: the broker on these ports. It ends with failure where the broker does, and the port may have
# been taken.
write_start() {
  cat >"$dir/rabbitmq.conf" <<CONFIG
listeners.tcp.1 = 127.0.0.1:$1
listeners.ssl.1 = 127.0.0.1:$2
ssl_options.cacertfile = $dir/ca.pem
ssl_options.certfile = $dir/broker.pem
ssl_options.keyfile = $dir/broker.key
ssl_options.verify = verify_none
default_user = eclusa
default_pass = $password
loopback_users = none
disk_free_limit.absolute = 1MB
log.file.level = info
CONFIG
  cat >"$dir/start" <<START
#!/bin/sh
set -eu
export HOME="$dir/home" ERL_CRASH_DUMP="$dir/crash" ERL_EPMD_PORT=$4 ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_BASE="$dir" RABBITMQ_HOME=/usr/lib/rabbitmq
export RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins"
export RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_PID_FILE="$dir/broker.pid"
export RABBITMQ_NODENAME=eclusa$1@localhost RABBITMQ_DIST_PORT=$3
# One scheduler that does not spin: it is not the broker that is measured.
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
if ! kill -0 "\$(cat "$dir/epmd.pid" 2>/dev/null)" 2>/dev/null; then
  setsid epmd >"$dir/epmd.log" 2>&1 </dev/null 9>&- &
  echo \$! >"$dir/epmd.pid"
fi
# A script that waits for the broker, both of one group.
setsid "$server" >>"$dir/output" 2>&1 </dev/null 9>&- &
pid=\$!
echo \$pid >"$dir/pid"
tries=0
while kill -0 \$pid 2>/dev/null && [ \$tries -lt 1200 ]; do
  if python3 "$dir/answers" $1; then exit 0; fi
  tries=\$((tries + 1))
  sleep 0.05
done
kill -KILL -\$pid 2>/dev/null || :
exit 1
START
  chmod +x "$dir/start"
}

# Ports that are free may be taken before the broker has them: others, then.
start() {
  ports=$(python3 - <<'PYTHON'
import socket
held = [socket.socket() for _ in range(4)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PYTHON
  )
  # shellcheck disable=SC2086  # four words
  set -- $ports
  port=$1
  tls_port=$2
  write_start "$@"
  "$dir/start"
}
(make_certificates) >"$dir/certificates.log" 2>&1 || {
  cat "$dir/certificates.log" >&2
  exit 1
}
echo "[]." >"$dir/plugins"
start || start || {
  echo "with_rabbitmq.sh: the broker did not start" >&2
  cat "$dir/output" >&2
  exit 1
}
ECLUSA_TEST_BROKER=amqp://eclusa:$password@127.0.0.1:$port
ECLUSA_TEST_BROKER_TLS=amqps://eclusa:$password@localhost:$tls_port
ECLUSA_TEST_BROKER_CA=$dir/ca.pem
ECLUSA_TEST_BROKER_DIR=$dir
export ECLUSA_TEST_BROKER ECLUSA_TEST_BROKER_TLS ECLUSA_TEST_BROKER_CA ECLUSA_TEST_BROKER_DIR

run_kept "$@"
