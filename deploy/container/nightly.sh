#!/bin/sh
# Crawls, publishes and dumps every night at KHOTIN_AT (hh:mm, by the clock that TZ names), in a container that stays up.
# The first night begins at once, so that there is something to read.
set -u
at=${KHOTIN_AT:-01:30}
busy=

# As process 1 nobody stops us but we ourselves; the crawl finishes the pages in hand. `sleep` is killed: just begun, it
# might not hear anything milder. $! and not a name of our own, for a signal may come before one is given.
stop() {
  trap '' TERM INT
  case $busy in
    sleep) kill -KILL "${!:-}" ;;
    khotin) kill -TERM "${!:-}" && wait "$!" ;;
  esac 2>/dev/null
  exit 0
}
trap stop TERM INT
# In the background, for a shell hears a signal only between two commands or in `wait`.
run() { busy=$1; "$@" & wait "$!"; code=$?; busy=; return "$code"; }

while :; do
  run khotin crawl --all
  code=$?
  # 4: a site had trouble; the others are published all the same.
  if [ "$code" -eq 0 ] || [ "$code" -eq 4 ]; then
    run khotin publish && run khotin dump
  else
    echo "nightly: the crawl ended with exit code $code, nothing is published" >&2
  fi
  now=$(date +%s)
  next=$(date -d "$at" +%s) || exit 2
  [ "$next" -gt "$now" ] || next=$(date -d "tomorrow $at" +%s)
  echo "nightly: the next crawl begins at $(date -d "@$next" '+%F %R %Z')"
  run sleep $((next - now))
done
