#!/bin/sh
# Creates Temporal's two databases and brings their schemas up to this version.
# It may run as often as it likes; after an upgrade of Temporal it upgrades them.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal_db_password)
export SQL_PASSWORD

schemas=${TEMPORAL_SCHEMAS:-/etc/temporal/schema/postgresql/v12}
for pair in temporal:temporal temporal_visibility:visibility; do
	database=${pair%:*}
	temporal-sql-tool --database "$database" create-database
	temporal-sql-tool --database "$database" setup-schema --version 0.0
	temporal-sql-tool --database "$database" update-schema --schema-dir "$schemas/${pair#*:}/versioned"
done
