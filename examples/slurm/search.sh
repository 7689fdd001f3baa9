#!/bin/sh
# A whole search on Slurm: a search written in YAML, a job array that evaluates its points, and a report.
#
#   cargo install --path .    # brings the command idds
#   examples/slurm/search.sh
#
# With IDDS_HOST and a credential in the environment, it runs on that server. Without, it runs on an embedded iDDS on this machine,
# which the jobs reach only on this machine.
set -eu
examples=$(cd "$(dirname "$0")/.." && pwd)
folder=target/slurm
mkdir -p "$folder"
cd "$folder"

if [ -z "${IDDS_HOST:-}" ]; then
    rm -f serve.sh
    (umask 077 && exec idds serve --directory idds >serve.sh) & # a token is in that file
    trap 'kill $!; wait' EXIT
    until [ -s serve.sh ]; do sleep 0.1; done
    . ./serve.sh
fi

submitted=$(idds request submit "$examples/definitions/search.yaml" --quiet --output json)
request=$(echo "$submitted" | sed -n 's/.*"request_id": *\([0-9]*\).*/\1/p')

# Every worker of request 1 has its points, its journal and its claims in the directory request-1, which all of them must see.
sbatch --wait "$examples/slurm/workers.sbatch" "$request" "$examples/train.sh"

squeue --all --states=all --name=idds-search --format="%.12i %.10T %.8M %R" || true
idds hpo points "$request"
idds request status "$request"
