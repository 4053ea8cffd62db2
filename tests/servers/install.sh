#!/bin/sh
# `make servers`: the real servers that tests talk to. Says what it does; installs only as root on Debian and its kin.
# Nothing is started: tests run private instances of their own on free loopback ports.
set -eu

missing=""
[ -x /usr/lib/dovecot/imap ] || [ -x /usr/libexec/dovecot/imap ] || missing="$missing dovecot-imapd"
[ -x /usr/lib/dovecot/lmtp ] || [ -x /usr/libexec/dovecot/lmtp ] || missing="$missing dovecot-lmtpd"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"

if [ -z "$missing" ]; then
    echo "servers: Dovecot, PostgreSQL, strace, systemd-analyze and a C compiler are installed."
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "servers: missing:$missing. Tests that need them are skipped. On Debian and Ubuntu this installs them:"
    echo "    sudo apt-get install$missing"
    case "${CI:-}" in
        1 | true | yes) echo "servers: CI=$CI, where nothing may be skipped." >&2; exit 1 ;;
    esac
    exit 0
fi

echo "servers: installing$missing with apt-get (not started; tests run private instances)."
# invoke-rc.d asks this file whether it may start a service: 101 means no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# The names are words of our own, split on purpose.
# shellcheck disable=SC2086
if ! { apt-get -qq update && apt-get -qq -y --no-install-recommends install $missing; } >"$log" 2>&1; then
    echo "servers: apt-get failed:" >&2
    tail -n 20 "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
echo "servers: done."
