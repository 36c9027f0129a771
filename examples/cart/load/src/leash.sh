# Runs a program, and ends it and all that it started once nobody holds this shell's input any more:
# at the end of the one who started it, however that came about. Then the folder is removed.
#
# $1: the folder; then the program and its arguments.
folder=$1
shift
# A handler, since what is ignored would be ignored by the program too.
trap : TERM
"$@" </dev/null &
program=$!
# The program's output ends with the program.
exec >/dev/null 2>&1
cat
kill -TERM -$$
(sleep 10; kill -KILL -$$) &
wait $program
rm -rf "$folder" || rm -rf "$folder"
kill -KILL -$$
