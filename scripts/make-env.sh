#!/bin/sh
# Makes .env for the stack with random credentials. To an existing .env it appends the credentials that are missing, and changes
# nothing else.
set -eu
cd "$(dirname "$0")/.."
umask 077
new=.env.part
trap 'rm -f "$new"' EXIT
: >"$new"
[ -e .env ] || echo '# The credentials of this stack. Keep them; a volume that was made with them needs them.' >"$new"
# A letter first: NATS reads a value that begins like a number as a number.
random() { printf 'k'; od -An -N19 -tx1 /dev/urandom | tr -d ' \n'; }
added=
# Adds a variable that no line of .env sets.
add() {
  if [ -e .env ] && grep -Eq "^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=" .env; then return; fi
  echo "$1=$2" >>"$new"
  added="$added $1"
}
add MINIO_ROOT_USER landfall
add MINIO_ROOT_PASSWORD "$(random)"
add INGESTOR_MINIO_ACCESS_KEY ingestor
add INGESTOR_MINIO_SECRET_KEY "$(random)"
add QUERY_MINIO_ACCESS_KEY query
add QUERY_MINIO_SECRET_KEY "$(random)"
add INGESTOR_NATS_PASSWORD "$(random)"
add QUERY_NATS_PASSWORD "$(random)"
add MINIO_NATS_PASSWORD "$(random)"
add GRAFANA_PASSWORD "$(random)"

if [ -z "$added" ]; then
  echo '.env has all credentials; nothing is changed'
elif [ -e .env ]; then
  # The last line may have no line end.
  if [ -n "$(tail -c 1 .env)" ]; then echo >>.env; fi
  cat "$new" >>.env
  echo "added to .env:$added"
else
  mv "$new" .env
  echo 'made .env'
fi
