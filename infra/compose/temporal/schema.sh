#!/bin/sh
# Brings Temporal's two databases in PostgreSQL to this version's schema, making them where they are not there yet.
set -eu

sql() {
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database" "$@"
}

prepare() {
  versions=/etc/temporal/schema/postgresql/v12/$2/versioned
  if sql "$1" update-schema -d "$versions"; then return; fi
  sql "$1" create
  sql "$1" setup-schema -v 0.0
  sql "$1" update-schema -d "$versions"
}

prepare temporal temporal
prepare temporal_visibility visibility
