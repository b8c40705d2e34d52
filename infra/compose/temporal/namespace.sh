#!/bin/sh
# Makes the namespace where it is missing and registers the search attributes; safe to repeat.
set -eu

until temporal operator cluster health; do sleep 2; done
temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" ||
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention 90d
attempts=0
until temporal operator search-attribute create -n "$TEMPORAL_NAMESPACE" \
  --name Model --type Keyword --name Release --type Keyword --name Stage --type Keyword \
  --name Verdict --type Keyword --name Trigger --type Keyword; do
  attempts=$((attempts + 1))
  if [ "$attempts" -ge 15 ]; then exit 1; fi
  # A namespace that was made a moment ago is not known everywhere yet.
  sleep 2
done
