"""compare.py PROGRAM [--methods M,...] [--objectives known|further|tables|NAME,...] [--seeds N] [--budgets B,...] [--out FILE]

Runs searches in batches of 10 and prints a table of regrets: (loss at the best point seen - least) / (loss of random points - least), of the loss without its
noise, a mean over objectives and seeds. Methods: ours:SAMPLER, optuna:tpe, optuna:cma, catcma, nevergrad:NAME with proper ranges, and idds:NAME, which is
nevergrad with the ranges of iDDS's steering script. optuna:gp needs torch, and smac needs smac 2.4 (with scikit-learn), which are not among the requirements:
install them into the Python that runs this by hand.
"""
import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

from objectives import FURTHER, KNOWN, at_random
from tables import TABLES

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
        make = {"tpe": lambda: optuna.samplers.TPESampler(seed=seed), "cma": lambda: optuna.samplers.CmaEsSampler(seed=seed, popsize=BATCH),
                "gp": lambda: optuna.samplers.GPSampler(seed=seed)}
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


class CatCma:
    """Of the package cmaes: covariance matrix adaptation with margins for integers and probabilities for choices."""

    def __init__(self, _, parameters, seed, budget):
        from cmaes import CatCMAwM

        self.parameters = parameters
        kinds = [it[0] for it in parameters]
        self.numbers = [i for i, kind in enumerate(kinds) if kind in ("float", "log", "logint")]
        self.integers = [i for i, kind in enumerate(kinds) if kind == "int"]
        self.choices = [i for i, kind in enumerate(kinds) if kind == "choice"]
        ends = lambda kind, low, high: [math.log(low), math.log(high)] if kind.startswith("log") else [low, high]
        spaces = {
            "x_space": [ends(*parameters[i]) for i in self.numbers],
            "z_space": [list(range(parameters[i][1], parameters[i][2] + 1)) for i in self.integers],
            "c_space": [parameters[i][1] for i in self.choices],
        }
        self.optimiser = CatCMAwM(population_size=BATCH, seed=seed + 1, **{name: space for name, space in spaces.items() if space})

    def ask(self, count):
        self.solutions = [self.optimiser.ask() for _ in range(BATCH)]
        return [self.point(solution) for solution in self.solutions][:count]

    def point(self, solution):
        values = {i: self.number(*self.parameters[i], float(solution.x[k])) for k, i in enumerate(self.numbers)}
        values |= {i: int(solution.z[k]) for k, i in enumerate(self.integers)}
        values |= {i: int(np.argmax(solution.c[k])) for k, i in enumerate(self.choices)}
        return [values[i] for i in range(len(self.parameters))]

    @staticmethod
    def number(kind, low, high, value):
        value = math.exp(value) if kind.startswith("log") else value
        return min(max(round(value) if kind.endswith("int") else value, low), high)

    def tell(self, losses):
        if len(losses) == BATCH:
            self.optimiser.tell(list(zip(self.solutions, losses)))


class Smac:
    def __init__(self, _, parameters, seed, budget):
        from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer
        from smac import HyperparameterOptimizationFacade, Scenario

        space = ConfigurationSpace(seed=seed)
        for i, (kind, *range_) in enumerate(parameters):
            if kind == "choice":
                space.add(Categorical(f"x{i}", list(range(range_[0]))))
            else:
                space.add((Integer if kind.endswith("int") else Float)(f"x{i}", tuple(range_), log=kind.startswith("log")))
        self.names = [f"x{i}" for i in range(len(parameters))]
        self.directory = tempfile.TemporaryDirectory()
        scenario = Scenario(space, deterministic=True, n_trials=budget, seed=seed, output_directory=self.directory.name)
        self.smac = HyperparameterOptimizationFacade(scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=False)

    def ask(self, count):
        self.trials = [self.smac.ask() for _ in range(count)]
        return [[trial.config[name] for name in self.names] for trial in self.trials]

    def tell(self, losses):
        from smac.runhistory.dataclasses import TrialValue

        for trial, loss in zip(self.trials, losses):
            self.smac.tell(trial, TrialValue(cost=loss, time=0.1), save=False)


SIDES = {"ours": Ours, "optuna": Optuna, "nevergrad": Nevergrad, "idds": Idds, "catcma": CatCma, "smac": Smac}


def search(method, objective, seed, budgets):
    loss, parameters, least, noise = objective
    side, _, name = method.partition(":")
    noises = np.random.RandomState(9000 + seed)
    # A table has recorded runs of each point, a function a standard deviation.
    observed = noise if callable(noise) else lambda _, value, random: value + random.normal() * noise
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
        seen += [observed(point, value, noises) for point, value in zip(batch, losses)]
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
    parser.add_argument("--objectives", default="known,tables")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--budgets", default="20,50,200")
    parser.add_argument("--out", help="a file for a JSON line of every search")
    options = parser.parse_args()
    Ours.program = options.program
    both = KNOWN | FURTHER | TABLES
    families = {"known": list(KNOWN), "further": list(FURTHER), "tables": list(TABLES)}
    names = [name for family in options.objectives.split(",") for name in families.get(family, [family])]
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
