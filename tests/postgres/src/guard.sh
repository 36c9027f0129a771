# $1 folder of the programs, $2 folder of the cluster, $3 port; further arguments are the server's own
programs=$1
folder=$2
port=$3
shift 3

start() {
    rm -f "$folder/ended"
    "$programs/postgres" -D "$folder/data" -p "$port" -k "$folder" \
        -c listen_addresses=127.0.0.1 -c max_connections=200 -c max_prepared_transactions=10 "$@" \
        </dev/null >>"$folder/log" 2>&1 &
    server=$!
    # Says so at once when it cannot start, while the input is still waited for.
    ( while kill -0 "$server"; do sleep 0.2; done; : >"$folder/ended" ) >/dev/null 2>&1 </dev/null &
    watcher=$!
}

# Without a checkpoint, as a crash would.
stop() {
    kill -QUIT "$server"
    wait "$server"
    wait "$watcher"
}

start "$@"
while read -r order; do
    case $order in
        stop) stop ;;
        start) start "$@" ;;
    esac
done
stop
rm -rf "$folder"
