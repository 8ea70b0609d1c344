# Read by the with_*.sh: a folder for a server, and a keeper that ends both whatever ends the script,
# SIGKILL included. The keeper has a session of its own and waits for the other end of a pipe to close.

# keep_folder PARENT ENDING: makes the folder $dir. ENDING: shell text that ends its servers; it may call
# `end SIGNAL PID`, which does nothing without a PID.
keep_folder() {
  dir=$(mktemp -d "$1/eclusa.XXXXXX")
  mkfifo "$dir/life"
  keeper='
dir=$1
end() {
  [ -n "$2" ] || return 0
  kill "$1" "$2" 2>/dev/null
  while kill -0 "$2" 2>/dev/null; do sleep 0.02; done
}
cat "$dir/life" >/dev/null
'$2'
while ! rm -rf "$dir" 2>/dev/null; do sleep 0.02; done  # what a server has started may end after it
'
  (setsid sh -c "$keeper" keeper "$dir" >/dev/null 2>&1 </dev/null &)
  exec 9>"$dir/life"
  command_pid=
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

finish() {
  status=$?
  trap - EXIT
  trap '' INT TERM HUP
  [ -z "$command_pid" ] || kill -TERM "$command_pid" 2>/dev/null || :
  exec 9>&-
  while [ -e "$dir" ]; do sleep 0.02; done
  exit "$status"
}

# run_kept COMMAND...: in the background and waited for, so that a signal is acted on at once. The command
# keeps our standard input, which sh replaces by /dev/null before it looks at a background command's own.
# What else is started and stays needs 9>&-, or the pipe never closes.
run_kept() {
  exec 8<&0
  "$@" <&8 8<&- 9>&- &
  command_pid=$!
  status=0
  wait "$command_pid" || status=$?
  command_pid=
  exit "$status"
}
