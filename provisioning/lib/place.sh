# shellcheck shell=bash
# Files into their places, and telling the system about them. Needs say.sh and checkout.

checkout=${checkout:?}
settings=${settings:-/etc/station/station.toml}
# What the running system was last told of; written last, so that a run that was cut short is made up for.
applied=/opt/station/applied
placed_files=("$settings")
changes=0

changed() {
    changes=$((changes + 1))
    say "changed: $1"
}

# running_systemd: false in a chroot or while an image is made.
running_systemd() { [ -d /run/systemd/system ]; }

# place_file FROM TO [MODE GROUP]: FROM is below the checkout or absolute. Replaced in one step, so that a power cut
# leaves the old file or the new one.
place_file() {
    local from=$1 to=$2 mode=${3:-644} group=${4:-root}
    [ "${from#/}" != "$from" ] || from=$checkout/$from
    placed_files+=("$to")
    if ! cmp -s "$from" "$to"; then
        mkdir -p "$(dirname "$to")"
        install -m "$mode" -o root -g "$group" "$from" "$to.new"
        sync "$to.new"
        mv "$to.new" "$to"
        changed "$to"
    fi
}

# make_users_and_places: both programs leave alone what is there already.
make_users_and_places() {
    systemd-sysusers /etc/sysusers.d/station.conf
    systemd-tmpfiles --create /etc/tmpfiles.d/station.conf
}

# place_settings FILE: FILE if one is named; else the example, where there are no settings yet.
place_settings() {
    if [ -n "$1" ]; then
        place_file "$1" "$settings" 640 station
    elif [ ! -e "$settings" ]; then
        [ -e "$checkout/provisioning/examples/station.toml" ] || fail "$settings: missing; name settings with --config FILE"
        place_file provisioning/examples/station.toml "$settings" 640 station
        say "$settings: the example was put there; make it this station's own, then: sudo systemctl restart station"
    fi
}

applied_key() {
    {
        printf '%s\0' "${placed_files[@]}" | sort -zu | xargs -0 sha256sum
        cat "${program_place:?}/.installed" 2>/dev/null || readlink "$program_place"
    } | sha256sum | cut -d' ' -f1
}

# apply_changes: tells systemd and udev, and restarts the station, only if something changed since they were last told.
apply_changes() {
    if ! systemctl is-enabled --quiet station.service 2>/dev/null; then
        systemctl enable --quiet station.service
        changed "station.service: enabled"
    fi
    if running_systemd; then
        apply_to_running
    else
        say "systemd is not running here: the station starts when this system does"
    fi
    advise_on_i2c
    if [ "$changes" -eq 0 ]; then
        say "nothing changed: the station was already installed from exactly this"
    else
        say "installed, $changes changes"
    fi
}

apply_to_running() {
    local key
    key=$(applied_key)
    if [ "$(cat "$applied" 2>/dev/null)" != "$key" ]; then
        tell_kernel_and_udev
        systemctl daemon-reload
        systemctl restart station.service || station_not_up
        printf '%s\n' "$key" >"$applied"
        changed "station.service: restarted"
    elif ! systemctl is-active --quiet station.service; then
        systemctl start station.service || station_not_up
        changed "station.service: started"
    fi
}

station_not_up() { fail "station.service: did not start; see: journalctl -u station -n 50"; }

tell_kernel_and_udev() {
    local subsystem
    systemctl restart systemd-modules-load.service ||
        say "a module of /etc/modules-load.d/station.conf is not in this kernel; readers that need it will not work"
    udevadm control --reload
    for subsystem in tty input gpio i2c-dev; do
        udevadm trigger --action=change --subsystem-match="$subsystem"
    done
    udevadm settle --timeout=30 || say "udev: still busy after 30 s; going on"
}

advise_on_i2c() {
    if has raspi-config && ! compgen -G '/dev/i2c-*' >/dev/null; then
        say "no I2C bus for a display: if there is one, type: sudo raspi-config nonint do_i2c 0"
    fi
}
