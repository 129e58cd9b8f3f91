# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that need a journal. There is one socket for it on a machine, so a journald that
# runs is used as it is; else one is started for all that need it, and what it made goes with it.

source "$(dirname "${BASH_SOURCE[0]}")/shared.sh"

JOURNALD_CONF=/run/systemd/journald.conf.d/50-swoll-test.conf
JOURNALD_STATE=$SHARED/journald

# journald_start: JOURNALD is the process id of a journald of our own, empty when it is the host's.
journald_start() {
  shared_enter journald journald_first journald_last
  JOURNALD=$(cat "$JOURNALD_STATE/pid" 2>/dev/null || true)
  retry 10 journal_serves || NO_JOURNALD=$(tail -1 "$JOURNALD_STATE/log")
}

journald_first() {
  local journald path
  ! journal_serves || return 0
  for path in /lib/systemd/systemd-journald /usr/lib/systemd/systemd-journald; do
    [[ ! -x $path ]] || journald=$path
  done
  if [[ -z ${journald-} ]]; then
    echo "systemd-journald is not installed" >"$JOURNALD_STATE/log"
    return 0
  fi
  for path in /run/systemd/journald.conf.d /run/systemd/journal /run/log/journal; do
    [[ -e $path ]] || echo "$path"
  done >"$JOURNALD_STATE/made"
  mkdir -p "${JOURNALD_CONF%/*}"
  # No limit of messages: the tests count them. Nothing but ours: the machine's own is not our
  # business, and nothing that outlives the test.
  cat >"$JOURNALD_CONF" <<'CONFIG'
[Journal]
Storage=volatile
RateLimitIntervalSec=0
ReadKMsg=no
Audit=no
ForwardToSyslog=no
ForwardToWall=no
CONFIG
  setsid env --default-signal=INT,QUIT "$journald" >"$JOURNALD_STATE/log" 2>&1 </dev/null &
  echo $! >"$JOURNALD_STATE/pid"
}

journald_last() {
  [[ -e $JOURNALD_STATE/pid ]] || return 0
  end_process "$(<"$JOURNALD_STATE/pid")"
  rm -f "$JOURNALD_CONF"
  xargs -r rm -rf <"$JOURNALD_STATE/made"
}

# Answers only when a journald is there to do it.
journal_serves() { timeout 5 journalctl --sync >/dev/null 2>&1; }

need_journald() { [[ -z ${NO_JOURNALD-} ]] || skip "$NO_JOURNALD"; }

# For tests that stop journald: the host's is not ours to stop.
need_own_journald() {
  need_journald
  [[ -n $JOURNALD ]] || skip_optional "the machine's own journald is running"
}

# journal_read MATCH...: the messages of the entries that match, oldest first, once journald has
# written all that it was sent.
journal_read() {
  timeout 120 journalctl --sync
  journalctl --quiet --no-pager -o cat "$@"
}

# journal_has COUNT MATCH...: waits for so many entries; the daemon sends them at the pace at which
# journald takes them.
journal_has() {
  retry 30 journal_counts "$@" || fail "entries with ${*:2}: $(journal_read "${@:2}" | wc -l), wanted $1"
}
journal_counts() { [[ $(journal_read "${@:2}" | wc -l) == "$1" ]]; }
