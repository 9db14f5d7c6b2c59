# What .ci/run is made of: stages with a time limit, a count of every result, and a look for what was left running.

# Where tools go that are built here and not installed.
tools_bin=${PLUMBLINE_TOOLS_BIN:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/plumbline/bin}

passed=0
failed=0
broken=()
skipped=()

# stage NAME SECONDS COMMAND…: runs it with a time limit in a process group of its own; its output goes to the screen and to $log.
# Sets $status (124 for a time-out).
stage() {
  local name=$1 seconds=$2 begin=$SECONDS
  shift 2
  log=$work/${name// /-}.log
  printf '\n=== %s (at most %s s): %s\n' "$name" "$seconds" "$*"
  # Through a file and not a pipe: what a stage leaves running would hold the pipe open for as long as it lives.
  : >"$log" # or tail may look for it too soon, and show nothing
  timeout --kill-after=15 "$seconds" "$@" >"$log" 2>&1 &
  tail --pid=$! -s 0.2 -n +1 -f "$log"
  wait $!
  status=$?
  [ "$status" = 124 ] && echo "=== $name: out of time after $seconds s"
  printf '=== %s: exit code %s after %s s\n' "$name" "$status" "$((SECONDS - begin))"
}

# background NAME SECONDS COMMAND…: a stage that wants nothing but processor time, begun beside others at the lowest priority. `collect NAME` waits for it,
# and is from then on what `stage` would have been.
background() {
  local name=$1 seconds=$2
  shift 2
  printf '\n=== %s begins, beside what follows (at most %s s): %s\n' "$name" "$seconds" "$*"
  nice -n 19 timeout --kill-after=15 "$seconds" "$@" >"$work/${name// /-}.log" 2>&1 &
  beside_pid=$! beside_begin=$SECONDS
}

collect() {
  log=$work/${1// /-}.log
  wait "$beside_pid"
  status=$?
  cat "$log"
  [ "$status" = 124 ] && echo "=== $1: out of time"
  printf '=== %s: exit code %s, %s s after it had begun\n' "$1" "$status" "$((SECONDS - beside_begin))"
}

ok() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)) && broken+=("$1"); }

# The stage just run is one check.
count_stage() { if [ "$status" = 0 ]; then ok; else fail "$1 (exit code $status)"; fi; }

# Loudly: a check that did not run has shown nothing.
skip() {
  skipped+=("$1: $2")
  printf '\n!!! skipped: %s: %s\n' "$1" "$2"
}

# count_parts NAME: as count_stage, of a stage that may leave something out: `skipped: what: why` or `!!! why` at the beginning of a line, or, with
# exit code 77 and its reason as the last line, all of it.
count_parts() {
  local line
  if [ "$status" = 77 ]; then
    line=$(tail -n 1 "$log")
    skip "$1" "${line#skipped: }"
    return
  fi
  while IFS= read -r line; do skip "$1, in part" "${line#* }"; done < <(grep -E '^(skipped:|!!!) ' "$log" | sort -u)
  count_stage "$1"
}

# count_vitest NAME: takes the numbers from vitest's closing line ("Tests  2 failed | 172 passed (174)"). A run that failed without a failed
# test (a file that doesn't load, no line at all) is one failure.
count_vitest() {
  local line p f
  line=$(grep -E '^ *Tests  ' "$log" | tail -n 1)
  p=$(sed -nE 's/.* ([0-9]+) passed.*/\1/p' <<<"$line")
  f=$(sed -nE 's/.* ([0-9]+) failed.*/\1/p' <<<"$line")
  passed=$((passed + ${p:-0}))
  failed=$((failed + ${f:-0}))
  if [ "${f:-0}" != 0 ]; then broken+=("$1 ($f tests)")
  elif [ "$status" != 0 ] || [ "${p:-0}" = 0 ]; then fail "$1 (exit code $status, ${p:-no} tests passed)"; fi
}

# Processes that carry our mark in the environment they were started with, wherever they hide: PID and command line of each.
# This shell itself doesn't: it set the mark after it had started.
leftovers() {
  local pid line
  grep -lzFx "PLUMBLINE_CI_RUN=$PLUMBLINE_CI_RUN" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ pid _; do
    line=$(cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' ' | cut -c1-160)
    [ -n "$line" ] && printf '%s %s\n' "$pid" "$line" # without a line it is gone: grep itself
  done
}
