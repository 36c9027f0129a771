# $1 folder
PATH="$PATH:/usr/sbin" pgbouncer "$1/pgbouncer.ini" </dev/null >"$1/output" 2>&1 &
pooler=$!
# Says so at once when it cannot start, while the input is still waited for.
( while kill -0 "$pooler"; do sleep 0.2; done; : >"$1/ended" ) >/dev/null 2>&1 </dev/null &
watcher=$!
read -r _
kill -TERM "$pooler"
wait "$pooler"
kill "$watcher"
wait "$watcher"
rm -rf "$1"
