# shellcheck shell=bash
# Minimal Debian roots, kept as tarballs for a week, and what of this machine's network settings they need.
# Needs provisioning/lib/say.sh and checkout.

checkout=${checkout:?}

roots_place() {
    local place=${FRESH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/custody-station/fresh}
    mkdir -p "$place"
    printf '%s\n' "$place"
}

git_here() { git -c safe.directory='*' -C "$checkout" "$@"; }

root_tarball() { printf '%s/%s-%s.tar\n' "$(roots_place)" "$1" "$(date +%G-w%V)"; }

# prepare_root SUITE: makes this week's tarball if it is missing, and drops those of other weeks.
prepare_root() (
    tarball=$(root_tarball "$1")
    exec 9>"$(roots_place)/$1.lock"
    flock 9
    [ ! -s "$tarball" ] || exit 0
    rm -f "$(roots_place)/$1"-*.tar*
    began=$(moment_s)
    mirror=$(debian_mirror)
    # Only its own suite: the updates and security suites would make the week's root depend on the hour.
    quietly "mmdebstrap $1" mmdebstrap --variant=minbase --include=python3,git,ca-certificates \
        --format=tar "$1" "$tarball.part" ${mirror:+"$mirror"} || exit 1
    mv "$tarball.part" "$tarball"
    say "$1: root made in $(elapsed_s "$began") s"
)

# debian_mirror: the one this machine uses, if it is a Debian; else mmdebstrap's own choice.
debian_mirror() {
    # shellcheck disable=SC2016  # apt-get's own placeholder
    apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | sed -n 's#^\(https\{0,1\}://.*/debian\)/$#\1#p' | sort -u | head -n 1
}

# unpack_root SUITE DIRECTORY
unpack_root() {
    mkdir -p "$2" && tar -C "$2" -xf "$(root_tarball "$1")" && mount --rbind /dev "$2/dev" &&
        mount -t proc proc "$2/proc" && mount -t tmpfs -o mode=1777 tmpfs "$2/tmp" && give_network "$2"
}

# give_network ROOT: names, certificates, and how apt and pip reach their servers from here.
give_network() {
    local root=$1 file
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/usr/local/share"
    for file in /etc/ssl/certs/ca-certificates.crt "${SSL_CERT_FILE:-}" "${PIP_CERT:-}" "${REQUESTS_CA_BUNDLE:-}" \
        "${CURL_CA_BUNDLE:-}"; do
        [ ! -f "$file" ] || cp -L --parents "$file" "$root/"
    done
    [ ! -d /usr/local/share/ca-certificates ] || cp -a /usr/local/share/ca-certificates "$root/usr/local/share/"
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        ! grep -qs '^[^/#]*Acquire' "$file" || cp -L --parents "$file" "$root/"
    done
    give_pip_settings "$root"
}

# The user's settings become the machine's, since HOME is to be empty; directories that they name come along, read-only.
give_pip_settings() {
    local root=$1 file directory
    mkdir -p "$root/etc/xdg/pip"
    [ ! -f /etc/pip.conf ] || cp -L /etc/pip.conf "$root/etc/pip.conf"
    for file in "${HOME:-/root}/.pip/pip.conf" "${XDG_CONFIG_HOME:-${HOME:-/root}/.config}/pip/pip.conf"; do
        [ ! -f "$file" ] || cp -L "$file" "$root/etc/xdg/pip/pip.conf"
    done
    pip_directories | while read -r directory; do
        mkdir -p "$root$directory"
        mount --bind "$directory" "$root$directory"
        mount -o remount,bind,ro "$root$directory"
    done
}

# pip_directories: local directories of wheels; of an index .../simple also the files beside it.
pip_directories() {
    { cat /etc/pip.conf "${HOME:-/root}/.pip/pip.conf" "${XDG_CONFIG_HOME:-${HOME:-/root}/.config}/pip/pip.conf" 2>/dev/null ||
        true; env | grep '^PIP_' || true; } |
        tr -s '=[:space:]' '\n' | sed 's#^file://##' | grep '^/' | sed 's#/simple/*$##' | sort -u |
        while read -r directory; do
            # Files (certificates) were copied; the whole disk is not meant.
            if [ -d "$directory" ] && [ "$directory" != / ]; then printf '%s\n' "$directory"; fi
        done
}

# remove_tree DIRECTORY: what was just killed may still be writing for a moment. Never through a mount: what is
# bound there belongs to this machine, and --one-file-system does not tell a bind mount from a directory.
remove_tree() {
    local tries
    if awk -v below="$1/" 'index($5, below) == 1 { found = 1 } END { exit !found }' /proc/self/mountinfo; then
        say "$1: something is mounted below it; unmount it and remove it by hand"
        return 1
    fi
    for tries in 1 2 3 4 5; do
        rm -rf --one-file-system "$1" 2>/dev/null && return 0
        sleep "$tries"
    done
    say "$1: could not be removed; remove it by hand"
}
