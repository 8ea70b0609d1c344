#!/bin/sh
# Workers on one database, so many at a time, each for a while; then what each of them has done. The
# settings of a server that runs (ECLUSA_DB, ECLUSA_BROKER_URL, ECLUSA_STORAGE_FOLDER or ECLUSA_S3_...) are
# those of its workers.
#
#   many_workers.sh [WORKERS [SLOTS]]     # 4 workers of 1 slot; ends them with the first key (or end of input)
#
# As root each gets a name of its own in the tables (`unshare --uts`), as if it were a machine of its own.
set -eu

workers=${1:-4} slots=${2:-1}
eclusa=${ECLUSA_BIN:-eclusa}
log=$(mktemp -d)
running=
leave() {
  # shellcheck disable=SC2086  # a list of words
  [ -z "$running" ] || { kill $running 2>/dev/null || :; wait $running || :; }
  rm -rf "$log"
}
trap leave EXIT
trap 'exit 130' INT TERM

number=1
while [ "$number" -le "$workers" ]; do
  if [ "$(id -u)" -eq 0 ] && unshare --uts true 2>/dev/null; then
    # exec: the process that is told to stop is the worker
    unshare --uts sh -c 'hostname "$1" && shift && exec "$@"' sh "worker-$number" \
      "$eclusa" worker --workers "$slots" >"$log/$number" 2>&1 &
  else
    "$eclusa" worker --workers "$slots" >"$log/$number" 2>&1 &
  fi
  running="$running $!"
  number=$((number + 1))
done
printf '%s workers of %s slot(s); end of input ends them\n' "$workers" "$slots"
read -r _ || :
# shellcheck disable=SC2086  # a list of words
kill $running
# shellcheck disable=SC2086
wait $running || :
running=
number=1
while [ "$number" -le "$workers" ]; do
  printf 'worker %s: %s loads, %s parts beside others\n' "$number" \
    "$(grep -c '"job_ended"' "$log/$number" || :)" "$(grep -c '"part_claimed"' "$log/$number" || :)"
  number=$((number + 1))
done
