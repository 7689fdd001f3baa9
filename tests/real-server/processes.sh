# Sourced by up, down and hold: where the state is, and the processes that belong to it.
# shellcheck shell=bash

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="${CARGO_TARGET_DIR:-$here/../../target}"
state="${IDDS_REAL_SERVER_STATE:-$target/real-server}"
mkdir -p "$state"
state="$(cd "$state" && pwd)"
live="$state/live" # everything of one start: removed before the next one
run="$live/run"
daemons="agents rest oidc postgres"

die() {
    echo "real-server: $*" >&2
    exit 1
}

lock_state() {
    exec 9>"$state/lock"
    flock -w 600 9 || die "another up or down is at work on $state"
}

# The start time of a running process: a pid that was given to another process is never mistaken for ours.
started_at() {
    local fields
    read -r -a fields <<<"$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null)"
    if [ "${fields[0]:-Z}" != Z ]; then echo "${fields[19]}"; fi
}

alive() { # NAME: sets $pid
    local at
    [ -s "$run/$1.pid" ] || return 1
    read -r pid at <"$run/$1.pid"
    [ -n "$at" ] && [ "$(started_at "$pid")" = "$at" ]
}

start() { # NAME COMMAND...: in the background, in a process group of its own
    local name="$1"
    shift
    setsid "$@" >>"$live/log/$name.log" 2>&1 </dev/null 8>&- 9>&- &
    echo "$! $(started_at $!)" >"$run/$name.pid"
    disown
}

# Nothing of one start is used again, so nothing has to end in an orderly way; PostgreSQL still has to remove its shared memory.
stop_all() {
    local name pid end
    for name in $daemons; do
        alive "$name" || continue
        if [ "$name" = postgres ]; then kill -QUIT "$pid"; else kill -KILL -- "-$pid"; fi
        end=$((SECONDS + 30))
        while alive "$name"; do
            [ $SECONDS -lt $end ] || die "$name does not end, process $pid"
            sleep 0.05
        done
    done
    if [ -s "$run/cluster" ]; then rm -rf "$(cat "$run/cluster")"; fi
    rm -rf "$run" "$state/env"
}
