#!/bin/sh
# Evaluates a point as a training would: reads its parameters from input.json, tells the loss after each epoch, goes on from its
# checkpoint when it is started again, and writes the last loss to output.json. The best point is A = 4, B = 2.
set -eu

parameter() { # NAME: its number in input.json
    sed -n "s/.*\"$1\": *\([-+.0-9eE]*\).*/\1/p" input.json
}

epoch=0
if [ -e checkpoint ]; then read -r epoch loss <checkpoint; fi
while [ "$epoch" -lt 5 ]; do
    epoch=$((epoch + 1))
    loss=$(awk -v a="$(parameter A)" -v b="$(parameter B)" -v epoch="$epoch" \
        'BEGIN { printf "%.9g", (b - 2) ^ 2 + 1 / a + 0.5 ^ epoch }')
    echo "$epoch $loss" >>values.txt
    echo "$epoch $loss" >checkpoint
done
echo "{\"status\": 0, \"loss\": $loss}" >output.json
