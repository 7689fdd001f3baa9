"""Writes and reads studies of the real Optuna.

studies.py write DIRECTORY: a study in SQLite and the same one in a journal, and what Optuna says of it as JSON.
studies.py read JOURNAL: what Optuna says of all studies of a journal, as JSON.
studies.py append JOURNAL: adds a study of Optuna's own to a journal, with a trial.
studies.py dashboard JOURNAL: the calls by which a dashboard reads a study.
"""
import json
import sys

import optuna
from optuna.distributions import CategoricalDistribution, distribution_to_json
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)


def shown(study):
    return {
        "name": study.study_name,
        "maximizes": [direction.name == "MAXIMIZE" for direction in study.directions],
        "user_attributes": study.user_attrs,
        "trials": [
            {
                "number": trial.number,
                "state": trial.state.name,
                "parameters": trial.params,
                "distributions": {
                    name: json.loads(distribution_to_json(distribution))
                    for name, distribution in trial.distributions.items()
                },
                "values": trial.values or [],
                "intermediate": {str(step): value for step, value in trial.intermediate_values.items()},
                "user_attributes": trial.user_attrs,
                "is_dated": trial.datetime_start is not None
                and (trial.datetime_complete is not None) == trial.state.is_finished(),
            }
            for trial in study.trials
        ],
    }


def journal(path):
    return JournalStorage(JournalFileBackend(path))


def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    depth = trial.suggest_int("depth", 1, 9)
    batch = trial.suggest_categorical("batch", [64, 128])
    kind = trial.suggest_categorical("kind", ["a", None, True])
    for step in range(3):
        trial.report(lr * depth + step, step)
    if trial.number == 3:
        raise optuna.TrialPruned()
    if trial.number == 4:
        raise ValueError("no data")
    return lr * depth + batch + (kind is None)


def write(directory):
    for storage in [f"sqlite:///{directory}/study.db", journal(f"{directory}/study.log")]:
        study = optuna.create_study(study_name="old", storage=storage, sampler=optuna.samplers.RandomSampler(seed=7))
        study.optimize(objective, n_trials=8, catch=ValueError)
        study.ask()
    print(json.dumps(shown(study)))


def read(path):
    storage = journal(path)
    names = optuna.get_all_study_names(storage)
    print(json.dumps([shown(optuna.load_study(study_name=name, storage=storage)) for name in names]))


def append(path):
    study = optuna.create_study(study_name="theirs", storage=journal(path), directions=["minimize", "maximize"])
    trial = study.ask({"x": CategoricalDistribution([1, 2])})
    study.tell(trial, [0.5, 1.5])


def dashboard(path):
    study = optuna.load_study(study_name=None, storage=journal(path))
    table = study.trials_dataframe()
    table = {"columns": list(table.columns), "rows": len(table)}
    print(json.dumps({"best": study.best_value, "importances": list(optuna.importance.get_param_importances(study, evaluator=optuna.importance.PedAnovaImportanceEvaluator())), **table}))


{"write": write, "read": read, "append": append, "dashboard": dashboard}[sys.argv[1]](sys.argv[2])
