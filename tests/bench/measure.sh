# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/bench/run: a loop of a call in a place, and the best time that a subject got.
#
# The machine is not ours alone, and noise only ever adds time. So each sample is short, the
# subjects take turns, and the least of all samples of a subject counts.

LOOP_CPU=$(($(nproc) > 1)) # the other one is the daemon's
OTHER_CPU=0

# One batch fits into the default ring (8 MiB) even if nobody reads it.
SAMPLE_CALLS=10000
BATCH=4
BATCH_CALLS=$((BATCH * SAMPLE_CALLS * 11 / 10)) # `bench-calls` warms with a tenth
LOOP_CALL=getppid

declare -A BEST
MADE=0      # calls made in samples since somebody set this to 0
DISTURBED=0 # samples that others' programs were in

# ---- what hangs on the hooks: a program of somebody else's would be measured too ----

hooks() { bpftool link show | grep -cE "tp 'sys_(enter|exit)'"; }
hooks_are() { [[ $(hooks) == "$1" ]]; }

# ---- samples ----

# in_place PLACE COMMAND...: "host" is this shell, any other the container of that name. Its output
# is $T/PLACE.out.
in_place() {
  local place=$1
  shift
  if [[ $place == host ]]; then
    "$@" >"$T/host.out"
  else
    bare_run "$place" "$@"
  fi
}

# batch PLACE CALLS TIMES [PREFIX]...: prints TIMES lines of ns per call.
batch() {
  local place=$1 calls=$2 times=$3 i
  shift 3
  for ((i = 0; i < times; i++)); do
    in_place "$place" taskset -c "$LOOP_CPU" "$@" "$TOOLS/bench-calls" "$LOOP_CALL" "$calls"
    cat "$T/$place.out"
  done
}

# keep SUBJECT: takes samples from standard input.
keep() {
  local least
  least=$(sort -g | sed -n 1p)
  [[ $least =~ ^[0-9.]+$ ]] || fail "no time of $1: '$least'"
  BEST[$1]=$(awk -v a="${BEST[$1]-1e9}" -v b="$least" 'BEGIN { print a < b ? a : b }')
}

# sample SUBJECT PLACE HOOKS: a batch with only HOOKS programs on the hooks, before and after, as far
# as the machine's other users let us.
sample() {
  local subject=$1 place=$2 hooks=$3
  retry "${QUIET_WAIT:-20}" hooks_are "$hooks" || true
  batch "$place" "$SAMPLE_CALLS" "$BATCH" >"$T/samples"
  MADE=$((MADE + BATCH_CALLS))
  if hooks_are "$hooks"; then
    keep "$subject" <"$T/samples"
  else
    DISTURBED=$((DISTURBED + 1))
  fi
}

# verdict SUBJECT BARE EMPTY LIMIT: prints ns, ns added, times the empty pair, and the verdict.
# LIMIT is a ratio, "nothing" (within 5 ns or 4 % of the bare call) or "-".
verdict() {
  [[ -n ${BEST[$1]-} && -n ${BEST[$2]-} && -n ${BEST[$3]-} ]] || {
    echo "- - - not-measured"
    return
  }
  awk -v t="${BEST[$1]}" -v bare="${BEST[$2]}" -v empty="${BEST[$3]}" -v limit="$4" 'BEGIN {
    added = t - bare; ratio = added / (empty - bare); noise = bare * 0.04; if (noise < 5) noise = 5
    if (limit == "-") said = "-"
    else if (limit == "nothing") said = (added <= noise ? "meets" : "misses") " nothing"
    else said = (ratio <= limit ? "meets" : "misses") " <= " limit
    printf "%.0f %.0f %.2f %s\n", t, added, ratio, said }'
}
