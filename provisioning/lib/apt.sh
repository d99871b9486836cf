# shellcheck shell=bash
# Debian packages, without questions and without starting their services. Needs say.sh.

apt_lock_wait_s=300
policy_file=/usr/sbin/policy-rc.d

# apt_line PACKAGE...: what somebody who is not root has to type.
apt_line() { printf 'sudo apt-get update && sudo apt-get install -y --no-install-recommends %s' "$*"; }

apt_quiet() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o "DPkg::Lock::Timeout=$apt_lock_wait_s" \
        -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

# apt_install PACKAGE...: true when they are installed. Starts no service: while dpkg runs, policy-rc.d forbids it
# (the system's own policy-rc.d, where there is one, is left as it is).
apt_install() (
    if [ ! -e "$policy_file" ]; then
        # A signal must end the script through the EXIT trap, or the machine could start no service again.
        trap 'rm -f "$policy_file"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy_file"
        chmod 755 "$policy_file"
    fi
    quietly "apt-get update" apt_quiet update || exit 1
    quietly "apt-get install $*" apt_quiet install --no-install-recommends "$@"
)

# apt_need WHAT PACKAGE...: installs as root; else, or when that fails, says what to type and is false.
apt_need() {
    local what=$1
    shift
    if ! has apt-get; then
        say "$what: missing, and this system has no apt-get; install what Debian calls: $*"
        return 1
    fi
    if ! is_root; then
        say "$what: missing; type: $(apt_line "$@")"
        return 1
    fi
    say "$what: missing; installing $* ..."
    apt_install "$@" && return 0
    say "$what: apt-get could not install $*; is the network there? Then type: $(apt_line "$@")"
    return 1
}

# need_mosquitto: a private broker is started from this program; the system's own must not run unasked,
# neither now (policy-rc.d) nor at the next boot (update-rc.d).
need_mosquitto() {
    if has mosquitto || [ -x /usr/sbin/mosquitto ]; then return 0; fi
    apt_need "mosquitto, the MQTT broker" mosquitto || return 1
    ! has update-rc.d || update-rc.d mosquitto disable >/dev/null 2>&1 || true
}
