# SPDX-License-Identifier: Apache-2.0
# Sourced by every live test: functions named test_* are the tests, run_tests runs them, asserts
# end the one that runs.
#
# Each test runs in a subshell, so that it leaves no variable, directory or process to the next.
# A closing line "N passed, N failed, N skipped" is what tests/run reads, and of each test a line
# "time NAME ELAPSED USER SYSTEM", in seconds.

# ---- in a test ----

fail() {
  echo "not ok: $*"
  exit 1
}

# skip WHY: the test can't run on this machine. In CI that is a failure (tests/run).
skip() {
  echo "skip: $*"
  exit 77
}

# skip_optional WHY: likewise, where a machine may well lack the part.
skip_optional() {
  echo "skip: (optional) $*"
  exit 77
}

# assert_eq GOT WANTED [WHAT]
assert_eq() {
  [[ $1 == "$2" ]] || fail "${3:-value}: got '$1', wanted '$2'"
}

# assert_match TEXT PATTERN [WHAT]: an extended regular expression.
assert_match() {
  [[ $1 =~ $2 ]] || fail "${3:-text} does not match '$2': $1"
}

# assert_ok WHAT COMMAND...: for conditions that are commands.
assert_ok() {
  local what=$1
  shift
  "$@" || fail "$what"
}

# assert_json JSON FILTER [JQ_OPTION]...: the jq filter holds for the (last) JSON text.
assert_json() {
  local json=$1 filter=$2
  shift 2
  jq -e "$@" "$filter" <<<"$json" >/dev/null || fail "JSON does not satisfy: $filter
$(jq . <<<"$json" 2>&1 | sed -n 1,80p)"
}

# run STATUS COMMAND...: runs it, wants that exit status, sets OUT and ERR to what it wrote.
run() {
  local wanted=$1 status=0
  shift
  "$@" >"$T/run.out" 2>"$T/run.err" </dev/null || status=$?
  OUT=$(<"$T/run.out")
  ERR=$(<"$T/run.err")
  [[ $status == "$wanted" ]] || fail "exit status $status, wanted $wanted: $*
$OUT
$ERR"
}

# retry SECONDS COMMAND...: until it succeeds; fails when the time is over. The seconds are those of a
# machine that does nothing else; PATIENCE is how many times slower one may be.
PATIENCE=${PATIENCE:-6}
retry() {
  local end=$((SECONDS + PATIENCE * $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# ---- running them ----

# run_tests [NAME]...: the script's tests in the order in which they are written, or those named.
run_tests() {
  local names=("$@") name passed=0 failed=0 skipped=0
  [[ $# != 0 ]] || mapfile -t names < <(sed -n 's/^\(test_[a-z0-9_]*\)() *[{(].*/\1/p' "$0")
  for name in "${names[@]}"; do
    local status=0 log=$TMP/$name.log
    set +e # a failure inside must end the subshell, not this shell
    TIMEFORMAT="time $name %R %U %S"
    { time { (run_one "$name") >"$log" 2>&1; }; } 2>"$TMP/time"
    status=$?
    set -e
    case $status in
      0)
        passed=$((passed + 1))
        echo "ok $name"
        ;;
      77)
        skipped=$((skipped + 1))
        echo "skipped $name: $(sed -n 's/^skip: //p' "$log" | tail -1)"
        ;;
      *)
        failed=$((failed + 1))
        echo "FAILED $name: $(grep -m1 -E '^(not ok|stopped at|at the end):?' "$log" || echo "status $status")"
        sed 's/^/    /' "$log"
        ;;
    esac
    cat "$TMP/time"
  done
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed == 0 && $((passed + skipped)) != 0 ]]
}

run_one() {
  set -eEuo pipefail
  own_exit
  trap 'echo "stopped at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
  T=$TMP/${1#test_}
  mkdir -p "$T"
  "$1"
}
