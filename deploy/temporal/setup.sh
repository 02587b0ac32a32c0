#!/bin/sh
# Creates the namespace and the search attributes that cart21's processes use.
# It may run as often as it likes: what is there is left alone.
set -eu

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ "$tries" -ge 60 ]; then
		echo "Temporal at $TEMPORAL_ADDRESS does not answer" >&2
		exit 1
	fi
	sleep 2
done

namespace=$TEMPORAL_NAMESPACE
if ! temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
	temporal operator namespace create --namespace "$namespace" --retention "$TEMPORAL_RETENTION"
fi

# A new namespace takes some seconds until every part of Temporal knows it.
tries=0
until have=$(temporal operator search-attribute list --namespace "$namespace" 2>/dev/null); do
	tries=$((tries + 1))
	if [ "$tries" -ge 30 ]; then
		echo "the search attributes of namespace $namespace cannot be listed" >&2
		exit 1
	fi
	sleep 2
done

for attribute in \
	Store:Keyword WebOrder:Keyword ErpOrder:Keyword Stage:Keyword BlockedOn:Keyword FraudOutcome:Keyword \
	OrderTotal:Double RiskScore:Double BlockedSince:Datetime; do
	name=${attribute%:*}
	if ! echo "$have" | grep -qw "$name"; then
		temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "${attribute#*:}"
	fi
done
echo "namespace $namespace is ready"
