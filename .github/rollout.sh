#!/usr/bin/env bash
# Moves the traffic of every function to its newest revision: first a smoke image goes through the new revisions, which
# have no traffic yet; then they get 10, 50 and 100 % of it. When the image is not answered, or a new revision fails more
# often than the old one, the old ones get everything back and this ends with 1. In the end the traffic follows the newest
# revision again, so that the next ordinary apply moves it.
#
# The traffic must have been held (hold-traffic.sh) before the apply that made the new revisions.
#
#   .github/rollout.sh outputs.json      the file that `terraform output -json` wrote
#
# Needs gcloud, jq, and PROJECT. WATCH_SECONDS: how long each share of the traffic is watched. SMOKE_SECONDS: how long the
# smoke image may take.
set -euo pipefail

outputs=$1
: "${PROJECT:?set PROJECT to the id of the project}"
watch_seconds=${WATCH_SECONDS:-300}
smoke_seconds=${SMOKE_SECONDS:-240}
poll_seconds=${POLL_SECONDS:-10}
# A new revision may fail for this share of its requests more than the old one.
allowed_rise=0.2
# Fewer requests than this say nothing.
enough_requests=10

region=$(jq -r '.region.value' "$outputs")
uploads=$(jq -r '.buckets.value.uploads' "$outputs")
smoke_object=$(jq -r '.smoke_object.value' "$outputs")
mapfile -t services < <(jq -r '.services.value[]' "$outputs")
analyze=$(jq -r '.services.value["analyze-image"]' "$outputs")
smoke_id=$(printf '%s/%s' "$uploads" "$smoke_object" | sha256sum | cut -c1-32)

declare -A stable candidate
changed=()

say() { printf '%s\n' "$*"; }
run_services() { gcloud run services "$@" --project="$PROJECT" --region="$region" --quiet; }

look() {
  local service description created
  for service in "${services[@]}"; do
    description=$(run_services describe "$service" --format=json)
    candidate[$service]=$(jq -r '.status.latestReadyRevisionName' <<<"$description")
    created=$(jq -r '.status.latestCreatedRevisionName // .status.latestReadyRevisionName' <<<"$description")
    # Otherwise a revision that does not start would pass for no revision at all.
    if [ "$created" != "${candidate[$service]}" ]; then
      say "$service: the new revision $created does not start; see its logs. ${candidate[$service]} goes on serving."
      exit 1
    fi
    if is_unheld "$description" "${candidate[$service]}"; then
      say "$service: its traffic follows the newest revision, so ${candidate[$service]} has all of it already and nothing can be tried first. Before the next apply with hold_traffic=true run .github/hold-traffic.sh."
      exit 1
    fi
    stable[$service]=$(jq -r '[.status.traffic[] | select((.percent // 0) > 0)] | max_by(.percent) | .revisionName' <<<"$description")
    if [ "${stable[$service]}" != "${candidate[$service]}" ]; then
      changed+=("$service")
      say "$service: ${stable[$service]} -> ${candidate[$service]}"
    fi
  done
}

# A service's first revision has nothing that could be held.
is_unheld() {
  [[ ! $2 =~ -00001(-|$) ]] &&
    [ "$(jq -r '[.status.traffic[] | select((.percent // 0) > 0) | .latestRevision == true] | any' <<<"$1")" = true ]
}

# The smoke image's events go to the revisions of this tag, unchanged ones included.
tag() {
  local service
  for service in "${services[@]}"; do
    run_services update-traffic "$service" --update-tags="candidate=${candidate[$service]}" >/dev/null || return 1
  done
}

smoke() {
  local since deadline
  since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  deadline=$((SECONDS + smoke_seconds))
  gcloud storage cp "$(dirname "$0")/smoke.jpg" "gs://$uploads/$smoke_object" --custom-metadata=profile=describe,refresh=true --quiet ||
    return 1
  say "waiting for the smoke image ($smoke_id)"
  while :; do
    if [ -n "$(log_lines "resource.labels.revision_name=\"${candidate[$analyze]}\" AND jsonPayload.message=\"analyze.done\" AND jsonPayload.id=\"$smoke_id\" AND timestamp>=\"$since\"" 1)" ]; then
      say 'the smoke image was answered'
      return 0
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      say "the smoke image was not answered within $smoke_seconds seconds"
      return 1
    fi
    sleep "$poll_seconds"
  done
}

log_lines() {
  gcloud logging read "resource.type=\"cloud_run_revision\" AND $1" --project="$PROJECT" --limit="$2" --format='value(insertId)'
}

# Requests of a revision since a time, and how many of them failed: "120 3".
requests_of() {
  local filter="resource.labels.revision_name=\"$1\" AND timestamp>=\"$2\" AND httpRequest.status>0" all failed
  all=$(log_lines "$filter" 5000) || return 1
  failed=$(log_lines "$filter AND httpRequest.status>=500" 5000) || return 1
  printf '%s %s\n' "$(grep -c . <<<"$all")" "$(grep -c . <<<"$failed")"
}

is_worse() {
  local service=$1 since=$2 new old new_all new_failed old_all old_failed
  # What cannot be judged is not given more traffic.
  new=$(requests_of "${candidate[$service]}" "$since") || return 0
  old=$(requests_of "${stable[$service]}" "$since") || return 0
  read -r new_all new_failed <<<"$new"
  read -r old_all old_failed <<<"$old"
  say "$service: new revision $new_failed of $new_all failed, old one $old_failed of $old_all"
  [ "$new_all" -ge "$enough_requests" ] || return 1
  awk -v nf="$new_failed" -v na="$new_all" -v of="$old_failed" -v oa="$old_all" -v rise="$allowed_rise" \
    'BEGIN { exit !(nf / na > (oa > 0 ? of / oa : 0) + rise) }'
}

roll_back() {
  local service
  say 'rolling back'
  for service in "${changed[@]}"; do
    run_services update-traffic "$service" --to-revisions="${stable[$service]}=100" >/dev/null ||
      say "$service could not be rolled back: gcloud run services update-traffic $service --to-revisions=${stable[$service]}=100"
  done
  say 'The old revisions keep the traffic until an apply without hold_traffic gives it to the newest code: fix that, or put the old code back, first.'
  exit 1
}

# Unchanged functions were held as well.
let_go() {
  local service
  for service in "${services[@]}"; do
    run_services update-traffic "$service" --to-latest >/dev/null ||
      say "$service is still held: gcloud run services update-traffic $service --to-latest"
  done
}

give() {
  local share=$1 service since
  since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  for service in "${changed[@]}"; do
    if [ "$share" = 100 ]; then
      run_services update-traffic "$service" --to-revisions="${candidate[$service]}=100" >/dev/null || return 1
    else
      run_services update-traffic "$service" --to-revisions="${candidate[$service]}=$share,${stable[$service]}=$((100 - share))" >/dev/null || return 1
    fi
  done
  say "the new revisions have $share % of the traffic"
  sleep "$watch_seconds"
  for service in "${changed[@]}"; do
    if is_worse "$service" "$since"; then return 1; fi
  done
}

look
if [ "${#changed[@]}" -eq 0 ]; then
  say 'no function has a new revision'
  let_go
  exit 0
fi
trap roll_back INT TERM
tag || roll_back
smoke || roll_back
for share in 10 50 100; do
  give "$share" || roll_back
done
trap - INT TERM
let_go
say 'done'
