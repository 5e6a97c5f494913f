#!/usr/bin/env bash
# Fixes the traffic of every function to the revision that serves now. `hold_traffic = true` alone holds nothing: it leaves
# each service's own setting, which after an ordinary apply is "the newest revision". Run it before an apply that is to give
# no traffic to new revisions; rollout.sh, or an apply without hold_traffic, lets the traffic follow the newest again.
#
#   .github/hold-traffic.sh outputs.json      the file that `terraform output -json` wrote before the apply
#
# Needs gcloud, jq, and PROJECT.
set -euo pipefail

outputs=$1
: "${PROJECT:?set PROJECT to the id of the project}"

if [ "$(jq -r 'has("services")' "$outputs")" != true ]; then
  echo 'nothing was applied yet: there is no traffic to hold'
  exit 0
fi

region=$(jq -r '.region.value' "$outputs")
mapfile -t services < <(jq -r '.services.value[]' "$outputs")
run_services() { gcloud run services "$@" --project="$PROJECT" --region="$region" --quiet; }

for service in "${services[@]}"; do
  serving=$(run_services describe "$service" --format=json |
    jq -r '[.status.traffic[] | select(.latestRevision == true and (.percent // 0) > 0)][0].revisionName // empty')
  # Held already, by an earlier rollout that was rolled back or broken off.
  [ -n "$serving" ] || continue
  run_services update-traffic "$service" --to-revisions="$serving=100" >/dev/null
  echo "$service: the traffic stays with $serving"
done
