# shellcheck shell=bash
# What is tried in a fresh root. Needs root.sh; the figures go to ROOT.figures.

checkout=${checkout:?}
try_s_max=180
quick_s_max=600
# The tests run where nothing else has its Python (3.13); the other's runs them on the build machine already.
suites_with_tests="trixie"

# try_suite SUITE ROOT: true when its commands did what is promised.
try_suite() {
    local suite=$1 root=$2 status=0 began
    began=$(moment_s)
    : >"$root.figures"
    unpack_root "$suite" "$root" || return 1
    figure "$root" "root unpacked" "$(elapsed_s "$began") s"
    git_here clone --quiet --no-hardlinks "$checkout" "$root/srv/fresh-$suite" || return 1
    git -C "$root/srv/fresh-$suite" checkout --quiet --detach "$(git_here rev-parse HEAD)" || return 1
    timed "$root" "provisioning/try" "$try_s_max" provisioning/try --demo vault-count --headless || status=1
    if ! grep -Eq '^[0-9]+ events, chain verified, 0 waiting$' "$root.last"; then
        figure "$root" "provisioning/try" "FAILED: no line 'N events, chain verified, 0 waiting'"
        status=1
    fi
    timed "$root" "provisioning/try, again, with no HOME" 20 env -u HOME provisioning/try --help || status=1
    case " $suites_with_tests " in
    *" $suite "*)
        timed "$root" "tests/run --quick" "$quick_s_max" tests/run --quick || status=1
        figure "$root" "tests" "$(tail -n 1 "$root.last")"
        ;;
    esac
    figure "$root" "all of it" "$(elapsed_s "$began") s"
    return "$status"
}

# timed ROOT NAME LIMIT_S COMMAND...: its output is shown, and kept in ROOT.last.
timed() {
    local root=$1 name=$2 limit_s=$3 began status=0
    shift 3
    printf -- '-- %s\n' "$name"
    began=$(moment_s)
    in_root "$root" timeout --kill-after=10 "$limit_s" "$@" >"$root.last" 2>&1 </dev/null || status=$?
    cat "$root.last"
    if [ "$status" -eq 0 ]; then
        figure "$root" "$name" "$(elapsed_s "$began") s"
    else
        figure "$root" "$name" "FAILED after $(elapsed_s "$began") s (limit $limit_s s), exit code $status"
    fi
    return "$status"
}

# figure ROOT NAME TEXT
figure() { printf '%-9s %-38s %s\n' "${1##*/}" "$2" "$3" >>"$1.figures"; }

# in_root ROOT COMMAND...: in its checkout, HOME empty, and of this environment only what reaching the network takes.
in_root() {
    local root=$1 suite=${1##*/} name
    local -a kept=()
    shift
    mkdir -p "$root/home/fresh"
    for name in $(compgen -e); do
        case $name in
        PIP_* | SSL_CERT_* | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE | http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY)
            kept+=("$name=${!name}")
            ;;
        esac
    done
    chroot "$root" /usr/bin/env -i -C "/srv/fresh-$suite" HOME=/home/fresh PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        LANG=C.UTF-8 TERM=dumb "${kept[@]}" "$@"
}
