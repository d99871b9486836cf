# shellcheck shell=bash
# How these scripts speak: progress and faults on stderr, results on stdout.

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

has() { command -v "$1" >/dev/null 2>&1; }

# Seconds since the epoch as a decimal number, for figures only.
moment_s() { date +%s.%N; }

# elapsed_s START: seconds since START with one decimal.
elapsed_s() { awk -v a="$1" -v b="$(moment_s)" 'BEGIN { printf "%.1f", b - a }'; }

# quietly WHAT COMMAND...: runs it with its output kept back; the last lines are shown only if it fails.
quietly() {
    local what=$1 log status=0
    shift
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        say "$what: failed with exit code $status; the last lines were:"
        tail -n 25 "$log" >&2
    fi
    rm -f "$log"
    return "$status"
}
