#!/bin/sh
# What the API can do, with curl: sh examples/tour.sh http://127.0.0.1:8080
# With tokens, export TOKEN first.
set -eu
URL=${1:-http://127.0.0.1:8080}

landfall() { curl --silent --show-error ${TOKEN:+--header "Authorization: Bearer $TOKEN"} "$@"; }
step() { printf '\n# %s\n' "$*"; }
header() { sed -n "s/\r\$//; s/^$1: //Ip"; }

step 'Three rows, youngest first, as CSV'
landfall "$URL/data?sort=-birthts&limit=3&format=csv"

step 'The first two pages of ten. The header Link has the address of the next page'
next=$(landfall --dump-header - --output /dev/null "$URL/data?limit=10" | header link | sed 's/<\(.*\)>.*/\1/')
landfall --output /dev/null --write-out '%{http_code}, %{size_download} bytes\n' "$URL$next"

step 'Nothing is sent again while it has not changed: 304'
etag=$(landfall --head "$URL/data" | header etag)
landfall --output /dev/null --write-out '%{http_code}\n' --header "If-None-Match: $etag" "$URL/data"

step 'Statistics of everybody above 30, as JSON'
landfall "$URL/stats?min_age=30"
echo

step 'A typing error is an error, and not all rows'
landfall "$URL/data?min_agee=30"
echo

step 'Run an ingestion, and wait for its report'
landfall --request POST "$URL/data" | sed 's/.*"status":"\([a-z]*\)".*/\1/'

step 'What has changed since the oldest generation'
oldest=$(landfall "$URL/generations" | grep -o '"generation":[0-9]*' | tail -n 1 | cut -d: -f2)
landfall --dump-header - --output /dev/null "$URL/changes?since=$oldest" | header landfall-generation

step 'Live events, for a second'
landfall --no-buffer --max-time 1 "$URL/events" 2>/dev/null || true
