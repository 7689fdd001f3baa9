#!/bin/sh
# A whole search from the shell alone: a server, a search written in YAML, a program that evaluates its points, and a report.
#
#   cargo install --path .    # brings the command idds
#   examples/search.sh
#
# It runs on an embedded iDDS. With IDDS_HOST and a credential in the environment, it runs on that server instead.
set -eu
examples=$(cd "$(dirname "$0")" && pwd)
folder=target/search
mkdir -p "$folder"

if [ -z "${IDDS_HOST:-}" ]; then
    rm -f "$folder/serve.sh"
    (umask 077 && exec idds serve --directory "$folder/idds" >"$folder/serve.sh") & # a token is in that file
    server=$!
    trap 'kill $server; wait' EXIT
    trap 'exit 1' HUP INT TERM
    until [ -s "$folder/serve.sh" ]; do
        kill -0 $server # it may have ended, and said why
        sleep 0.1
    done
    . "$folder/serve.sh"
fi

idds workflow check "$examples/definitions/search.yaml"
submitted=$(idds request submit "$examples/definitions/search.yaml" --quiet --output json)
request=$(echo "$submitted" | sed -n 's/.*"request_id": *\([0-9]*\).*/\1/p')

# Each point has a directory of its own, with the point in input.json and the loss in output.json.
search="$folder/request-$request"
idds hpo run "$request" --concurrency 2 --evaluation_timeout 1m --directory "$search" -- "$examples/train.sh"

idds hpo points "$request"
idds hpo report "$search/journal" --to "$search/loss.svg" --to "$search/points.csv" >"$search/summary"
idds request status "$request"
