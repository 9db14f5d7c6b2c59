#!/usr/bin/env bash
# Brings the tools that the checks need and npm does not have. Safe to run again. A tool that can't be had is no failure here: the
# check that needs it says so. One line a tool: need COMMAND DEBIAN_PACKAGE VERSION_WANTED WHAT_FOR
set -u

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_get() {
  # Another install may hold the lock: wait for it. A mirror may be slow or away for a moment: try again.
  local try
  for try in 1 2 3; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" >"$log" 2>&1 && return 0
    sleep $((try * 5))
  done
  tail -n 5 "$log" >&2
  return 1
}

# Debian starts a service with its package; a check wants the program alone.
forbid_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null && as_root chmod +x /usr/sbin/policy-rc.d || return
  trap 'as_root rm -f /usr/sbin/policy-rc.d; rm -f "$log"' EXIT
}

need() {
  local command=$1 package=$2 version=$3 what=$4 found
  if ! command -v "$command" >/dev/null; then
    if ! command -v apt-get >/dev/null; then
      echo "$command is missing, and there is no apt-get to bring it ($what)"
      return
    fi
    [ -n "$updated" ] || { apt_get update && updated=yes; }
    forbid_services
    apt_get install -y --no-install-recommends "$package" || { echo "$command: $package could not be installed ($what)"; return; }
  fi
  found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || echo 'of unknown version')
  case $found in
    "$version"*) echo "$command: $package $found" ;;
    *) echo "$command: $package $found, the checks were written with $version" ;;
  esac
}

updated=
log=$(mktemp)
trap 'rm -f "$log"' EXIT

need promtool prometheus 2.42 'judges /metrics'
need wrk wrk 4.1 'load for the benchmark; autocannon stands in for it'
need faketime faketime 0.9 'sets the wall clock back in an acceptance case'
need redis-server redis-server 7.0 'the shared store; without it the tests of it are skipped'
