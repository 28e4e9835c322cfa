#!/bin/sh
# sh data/compare.sh moved|replicas [live]
# Exit 0 only where both databases have answered for every table, and agree. live: while the monolith is written.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ANSWERS="$work/service"
export STABLE="SET TIME ZONE 'UTC'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'"
ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$here/$1" "$2"; }
if [ "${2:-}" = live ]; then
  ask "compare-$1-live.sql" "$MONOLITH_DB" >"$work/monolith"
else
  ask "compare-$1.sql" "$MONOLITH_DB" >"$work/monolith"
  ask "compare-$1.sql" "$SERVICE_DB" >"$ANSWERS"
fi
test -s "$work/monolith"
if ! test -s "$ANSWERS"; then
  echo "the service's database has not answered" >&2
  exit 1
fi
if ! diff "$work/monolith" "$ANSWERS" >"$work/difference"; then
  echo "the databases differ (< monolith, > service): table, rows, checksum" >&2
  cat "$work/difference" >&2
  exit 1
fi
echo "equal: $(wc -l <"$work/monolith" | tr -d ' ') tables"
