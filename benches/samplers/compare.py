"""compare.py PROGRAM [--methods M,...] [--objectives known|further|NAME,...] [--seeds N] [--budgets B,...] [--out FILE]

Runs searches in batches of 10 and prints a table of regrets: (loss at the best point seen - least) / (loss of random points - least), of the loss without its
noise, a mean over objectives and seeds. Methods: ours:SAMPLER, optuna:tpe, optuna:cma, nevergrad:NAME with proper ranges, and idds:NAME, which is nevergrad
with the ranges of iDDS's steering script.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np

from objectives import FURTHER, KNOWN, at_random

BATCH = 10
warnings.filterwarnings("ignore")


class Ours:
    program = None
    process = None

    def __init__(self, sampler, parameters, seed, budget):
        if Ours.process is None:
            Ours.process = subprocess.Popen([Ours.program, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        space = {f"x{i}": self.parameter(*parameter) for i, parameter in enumerate(parameters)}
        self.write({"begin": {"sampler": sampler, "seed": seed, "space": space}})

    @staticmethod
    def parameter(kind, *range_):
        if kind == "choice":
            return {"type": "Choice", "params": {"choices": list(range(range_[0]))}}
        integer = {"integer": True} if kind.endswith("int") else {}
        if kind.startswith("log"):
            return {"type": "Log", "params": {"lower": range_[0], "upper": range_[1], **integer}}
        return {"type": "Scalar", "params": integer, "bounds": list(range_)}

    def write(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()

    def ask(self, count):
        self.write({"ask": count})
        return [list(point.values()) for point in json.loads(self.process.stdout.readline())]

    def tell(self, losses):
        self.write({"tell": losses})


class Optuna:
    def __init__(self, sampler, parameters, seed, budget):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        make = {"tpe": lambda: optuna.samplers.TPESampler(seed=seed), "cma": lambda: optuna.samplers.CmaEsSampler(seed=seed, popsize=BATCH)}
        self.study = optuna.create_study(sampler=make[sampler]())
        self.space = {f"x{i}": self.parameter(optuna.distributions, *parameter) for i, parameter in enumerate(parameters)}

    @staticmethod
    def parameter(distributions, kind, *range_):
        if kind == "choice":
            return distributions.CategoricalDistribution(list(range(range_[0])))
        if kind.endswith("int"):
            return distributions.IntDistribution(*range_, log=kind == "logint")
        return distributions.FloatDistribution(*range_, log=kind == "log")

    def ask(self, count):
        self.trials = [self.study.ask(self.space) for _ in range(count)]
        return [[trial.params[name] for name in self.space] for trial in self.trials]

    def tell(self, losses):
        for trial, loss in zip(self.trials, losses):
            self.study.tell(trial, loss)


class Nevergrad:
    has_ranges = True

    def __init__(self, optimiser, parameters, seed, budget):
        import nevergrad

        self.parameters = parameters
        space = nevergrad.p.Instrumentation(**{f"x{i}": self.parameter(nevergrad.p, *it) for i, it in enumerate(parameters)})
        space.random_state.seed(seed)
        self.optimiser = nevergrad.optimizers.registry[optimiser](parametrization=space, budget=budget, num_workers=BATCH)

    def parameter(self, kinds, kind, *range_):
        if kind == "choice":
            return kinds.Choice(choices=list(range(range_[0])))
        if kind.startswith("log"):
            return kinds.Log(lower=range_[0], upper=range_[1])
        if self.has_ranges:
            return kinds.Scalar(lower=range_[0], upper=range_[1])
        scalar = kinds.Scalar(**({} if range_[0] <= 0 <= range_[1] else {"init": sum(range_) / 2}))
        scalar.set_bounds(*range_)
        return scalar

    def ask(self, count):
        self.candidates = [self.optimiser.ask() for _ in range(count)]
        return [[self.value(it, candidate.value[1][f"x{i}"]) for i, it in enumerate(self.parameters)] for candidate in self.candidates]

    @staticmethod
    def value(parameter, value):
        # Spaces of iDDS's steering script have no integers: the evaluation rounds.
        return int(min(max(round(value), parameter[1]), parameter[2])) if parameter[0].endswith("int") else value

    def tell(self, losses):
        for candidate, loss in zip(self.candidates, losses):
            self.optimiser.tell(candidate, loss)


class Idds(Nevergrad):
    has_ranges = False


SIDES = {"ours": Ours, "optuna": Optuna, "nevergrad": Nevergrad, "idds": Idds}


def search(method, objective, seed, budgets):
    loss, parameters, least, noise = objective
    side, _, name = method.partition(":")
    noises = np.random.RandomState(9000 + seed).normal(0, 1, 4000) * noise
    began = time.monotonic()
    searcher = SIDES[side](name, parameters, seed, max(budgets))
    points, true, seen, regrets, spent = [], [], [], {}, time.monotonic() - began
    while len(seen) < max(budgets):
        began = time.monotonic()
        batch = searcher.ask(min(BATCH, max(budgets) - len(seen)))
        spent += time.monotonic() - began
        losses = [loss(point, seed) for point in batch]
        points += batch
        true += losses
        seen += [value + noises[len(seen) + i] for i, value in enumerate(losses)]
        began = time.monotonic()
        searcher.tell([float(value) for value in seen[-len(batch):]])
        spent += time.monotonic() - began
        for budget in budgets:
            if budget not in regrets and len(seen) >= budget:
                regrets[budget] = max(0.0, true[int(np.argmin(seen[:budget]))] - least)
    random = np.random.RandomState(77)
    others = [loss([at_random(it, random) for it in parameters], seed) - least for _ in range(1500)]
    # A penalty that some points get would hide all differences.
    scale = statistics.mean(others) if max(others) < 1e4 else statistics.median(others)
    duplicates = len(points) - len({tuple(point) for point in points})
    return {budget: regret / scale for budget, regret in regrets.items()}, spent / max(budgets), duplicates


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--methods", default="ours:auto,optuna:tpe,nevergrad:DiscreteOnePlusOne,idds:DiscreteOnePlusOne")
    parser.add_argument("--objectives", default="known")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--budgets", default="20,50,200")
    parser.add_argument("--out", help="a file for a JSON line of every search")
    options = parser.parse_args()
    Ours.program = options.program
    both = KNOWN | FURTHER
    names = {"known": list(KNOWN), "further": list(FURTHER)}.get(options.objectives) or options.objectives.split(",")
    budgets = [int(budget) for budget in options.budgets.split(",")]
    out = open(options.out, "a") if options.out else None
    print("| method | points | mean | ms a point | repeated | " + " | ".join(names) + " |\n|" + " --- |" * (5 + len(names)))
    for method in options.methods.split(","):
        results = {}
        for name in names:
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                results[name, seed] = search(method, both[name], seed, budgets)
                if out:
                    regrets, seconds, duplicates = results[name, seed]
                    print(json.dumps({"method": method, "objective": name, "seed": seed, "regret": regrets, "s": seconds, "repeated": duplicates}), file=out, flush=True)
        each = lambda value: statistics.mean(value(result) for result in results.values())
        for budget in budgets:
            means = [statistics.mean(results[name, seed][0][budget] for n, seed in results if n == name) for name in names]
            figures = [f"{statistics.mean(means):.3f}", f"{1000 * each(lambda it: it[1]):.2f}", f"{each(lambda it: it[2]):.1f}"]
            print(f"| {method} | {budget} | " + " | ".join(figures + [f"{mean:.3f}" for mean in means]) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
