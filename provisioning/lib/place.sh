# shellcheck shell=bash
# Files into their places, and telling the system about them; what changed is remembered. Needs say.sh and checkout.

checkout=${checkout:?}
settings=${settings:-/etc/station/station.toml}
changes=0
# Which of the files changed, by their kinds: each tells another part of the system.
changed_kinds=

changed() {
    changes=$((changes + 1))
    changed_kinds="$changed_kinds $1"
    say "changed: $2"
}

has_changed() { [[ " $changed_kinds " == *" $1 "* ]]; }

# running_systemd: false in a chroot or while an image is made.
running_systemd() { [ -d /run/systemd/system ]; }

# place_file FROM TO [MODE GROUP]: FROM is below the checkout or absolute. Replaced in one step, so that a power cut
# leaves the old file or the new one.
place_file() {
    local from=$1 to=$2 mode=${3:-644} group=${4:-root}
    [ "${from#/}" != "$from" ] || from=$checkout/$from
    if ! cmp -s "$from" "$to"; then
        mkdir -p "$(dirname "$to")"
        install -m "$mode" -o root -g "$group" "$from" "$to.new"
        sync "$to.new"
        mv "$to.new" "$to"
        changed "$to" "$to"
    fi
}

make_users_and_places() {
    if ! has_changed /etc/sysusers.d/station.conf && ! has_changed /etc/tmpfiles.d/station.conf &&
        id station >/dev/null 2>&1 && [ -d /etc/station/conf.d ]; then
        return 0
    fi
    systemd-sysusers /etc/sysusers.d/station.conf
    systemd-tmpfiles --create /etc/tmpfiles.d/station.conf
    changed users "the user station, its groups and places"
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

# apply_changes: tells systemd and udev what changed, and restarts the station only if something did.
apply_changes() {
    if ! systemctl is-enabled --quiet station.service 2>/dev/null; then
        systemctl enable --quiet station.service
        changed enabled "station.service: enabled"
    fi
    if ! running_systemd; then
        say "systemd is not running here: the station starts when this system does"
    else
        apply_to_running
    fi
    advise_on_i2c
    if [ "$changes" -eq 0 ]; then
        say "nothing changed: the station was already installed from exactly this"
    else
        say "installed, $changes changes"
    fi
}

apply_to_running() {
    if has_changed /etc/modules-load.d/station.conf; then
        systemctl restart systemd-modules-load.service || say "a kernel module of modules-load.d is missing here; see above"
    fi
    if has_changed /etc/udev/rules.d/70-station.rules; then
        udevadm control --reload && udevadm trigger --action=change --subsystem-match=tty --subsystem-match=input \
            --subsystem-match=gpio --subsystem-match=i2c-dev
    fi
    ! has_changed /etc/systemd/system/station.service || systemctl daemon-reload
    if [ "$changes" -gt 0 ]; then
        systemctl restart station.service || fail "station.service: did not start; see: journalctl -u station -n 50"
    elif ! systemctl is-active --quiet station.service; then
        changed started "station.service: was not running"
        systemctl start station.service || fail "station.service: did not start; see: journalctl -u station -n 50"
    fi
}

advise_on_i2c() {
    if has raspi-config && ! compgen -G '/dev/i2c-*' >/dev/null; then
        say "no I2C bus for a display: if there is one, type: sudo raspi-config nonint do_i2c 0"
    fi
}
