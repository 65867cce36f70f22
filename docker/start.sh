#!/bin/sh
# Gives a role the addresses of its servers, with the passwords that stand in files; then becomes the role.
set -eu
secret() { cat "/run/secrets/$1"; }
export DATABASE_URL="postgres://wusul:$(secret postgres)@postgres:5432/wusul"
export REDIS_URL="redis://:$(secret redis)@redis:6379/0"
export ARI_URL="http://asterisk:8088" ARI_USER="wusul" ARI_PASSWORD="$(secret ari)"
export AMI_URL="tcp://asterisk:5038" AMI_USER="wusul" AMI_SECRET="$(secret ami)"
export SIP_WS_URL="ws://asterisk:8088/ws"
export CEL_FILE="/var/lib/wusul/switch/log/record.csv"
export STATION_SECRET="$(secret station)"
exec node_modules/.bin/node "$@"
