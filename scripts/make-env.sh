#!/bin/sh
# Makes .env for the stack, once, with credentials of its own. A file that is there is left as it is.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo '.env is there already; nothing is changed'
  exit 0
fi
# A letter first: NATS takes a value that begins as a number does for one.
random() { printf 'k'; od -An -N19 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
cat >.env.part <<END
# The credentials of this stack. Keep them; a volume that was made with them needs them.
MINIO_ROOT_USER=landfall
MINIO_ROOT_PASSWORD=$(random)
INGESTOR_MINIO_ACCESS_KEY=ingestor
INGESTOR_MINIO_SECRET_KEY=$(random)
QUERY_MINIO_ACCESS_KEY=query
QUERY_MINIO_SECRET_KEY=$(random)
NATS_USER=landfall
NATS_PASSWORD=$(random)
END
mv .env.part .env
echo 'made .env'
