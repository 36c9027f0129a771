# $1 folder of the programs, $2 folder of the cluster, $3 port
# Each line of the input starts the server, which must not run: the line is the number of the start. The
# input's end is the server's.
server=
watcher=
while read -r start; do
    [ -z "$server" ] || wait "$server" "$watcher"
    "$1/postgres" -D "$2/data" -p "$3" -k "$2" \
        -c listen_addresses=127.0.0.1 -c max_connections=200 -c max_prepared_transactions=10 \
        </dev/null >>"$2/log" 2>&1 &
    server=$!
    # Says so at once when it cannot start, while the input is still waited for.
    ( while kill -0 "$server"; do sleep 0.2; done; : >"$2/ended.$start" ) >/dev/null 2>&1 </dev/null &
    watcher=$!
done
if [ -n "$server" ]; then
    kill -QUIT "$server"
    wait "$server"
    kill "$watcher"
    wait "$watcher"
fi
# Once more where the folder was still being filled.
rm -rf "$2" || { sleep 1; rm -rf "$2"; }
