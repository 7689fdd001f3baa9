"""Optuna's side of the benchmark: python.py TRIALS FOLDER

Asks for trials and tells their values, one after the other, with the study in a SQLite file; prints the seconds.
"""
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
trials, folder = int(sys.argv[1]), sys.argv[2]
study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1), storage=f'sqlite:///{folder}/study.db')
space = {f'x{i}': optuna.distributions.FloatDistribution(-5, 5) for i in range(5)}
start = time.perf_counter()
for _ in range(trials):
    trial = study.ask(space)
    study.tell(trial, sum(value * value for value in trial.params.values()))
print(time.perf_counter() - start)
