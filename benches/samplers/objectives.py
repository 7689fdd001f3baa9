"""Losses to search for the least of: ten of the literature and of practice, and ten further ones on which nothing was tuned.

The least is anywhere in the cube but for its outermost 4 %. A parameter is (kind, low, high): `float`, `log`, `int`, `logint`, or ("choice", k) with the values 0 ... k - 1. Each loss
takes a list of values and the seed of the search, which moves the least of those that would have it in the middle. `LEAST` is its value there.
"""
import math

import numpy as np


def moved(seed, dimensions, low, high):
    return np.random.RandomState(1000 + seed).uniform(low, high, dimensions)


def bowl(x, seed):
    return float(np.sum((np.asarray(x) - moved(seed, len(x), -4.6, 4.6)) ** 2))


def rosenbrock(x, seed):
    z = np.asarray(x) - moved(seed, len(x), -3.7, 1.7)
    return float(np.sum(100 * (z[1:] - z[:-1] ** 2) ** 2 + (1 - z[:-1]) ** 2))


def branin(x, _):
    a, b = x
    bend = b - 5.1 / (4 * math.pi**2) * a * a + 5 / math.pi * a - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10


HARTMANN = (
    np.array([1, 1.2, 3, 3.2]),
    np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]),
    1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]),
)


def hartmann(x, _):
    heights, widths, peaks = HARTMANN
    return float(-np.sum(heights * np.exp(-np.sum(widths * (np.asarray(x) - peaks) ** 2, axis=1))))


def ackley(x, seed):
    z = np.asarray(x) - moved(seed, len(x), -30, 30)
    return float(-20 * math.exp(-0.2 * math.sqrt(np.mean(z * z))) - math.exp(np.mean(np.cos(2 * math.pi * z))) + 20 + math.e)


def rastrigin(x, seed):
    z = np.asarray(x) - moved(seed, len(x), -4.7, 4.7)
    return float(10 * len(z) + np.sum(z * z - 10 * np.cos(2 * math.pi * z)))


def griewank(x, seed):
    z = np.asarray(x) - moved(seed, len(x), -550, 550)
    return float(np.sum(z * z) / 4000 - np.prod(np.cos(z / np.sqrt(np.arange(1, len(z) + 1)))) + 1)


def network(x, seed):
    """Optimiser, activation, depth, width, dropout, learning rate; the best rate depends on the optimiser."""
    optimiser, activation, depth, width, dropout, rate = x
    random = np.random.RandomState(2000 + seed)
    optimiser, activation = random.permutation(4)[int(optimiser)], random.permutation(3)[int(activation)]
    best = [-3.0, -2.0, -2.5, -1.0][optimiser]
    return ([0, 0.15, 0.05, 0.4][optimiser] + [0, 0.05, 0.12][activation] + 0.02 * (depth - 5) ** 2 / 4
            + 0.08 * math.log2(width / 48) ** 2 + 1.5 * (dropout - 0.25) ** 2 + 0.25 * (math.log10(rate) - best) ** 2)


def training(x, seed):
    """Learning rate, weight decay, batch size; training fails where the rate is too high."""
    rate, decay, batch = x
    random = np.random.RandomState(3000 + seed)
    best_batch = round(2 ** random.uniform(3.5, 8.5))
    best = -3 + random.uniform(-1, 1) + 0.5 * math.log10(batch / best_batch)
    best_decay = -4 + random.uniform(-1.5, 1.5)
    rate = math.log10(rate)
    loss = (0.1 + 0.35 * (1 - math.exp(-0.5 * ((rate - best) / 0.45) ** 2)) + 0.03 * (math.log10(decay) - best_decay) ** 2
            + 0.02 * math.log2(batch / best_batch) ** 2)
    return loss + (1.5 if rate > best + 1.2 else 0)


def levy(x, seed):
    w = 1 + (np.asarray(x) - moved(seed, len(x), -9.2, 9.2)) / 4
    middle = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(math.pi * w[:-1] + 1) ** 2))
    return float(np.sin(math.pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + np.sin(2 * math.pi * w[-1]) ** 2))


def styblinski(x, _):
    z = np.asarray(x)
    return float(0.5 * np.sum(z**4 - 16 * z**2 + 5 * z) + 39.16616570377142 * len(z))


def michalewicz(x, _):
    z = np.asarray(x)
    return float(4.687658179 - np.sum(np.sin(z) * np.sin(np.arange(1, len(z) + 1) * z * z / math.pi) ** 20))


def embedded(x, seed):
    """Branin in two of ten parameters."""
    i, j = np.random.RandomState(4000 + seed).permutation(len(x))[:2]
    return branin([x[i] * 15 - 5, x[j] * 15], seed)


def choices(x, seed):
    """A table for each choice, and one for the first two together."""
    random = np.random.RandomState(5000 + seed)
    alone = [random.uniform(0, 1, 5) for _ in x]
    together = random.uniform(0, 0.5, (5, 5))
    pairs = alone[0][:, None] + alone[1][None, :] + together
    return float(pairs[int(x[0]), int(x[1])] - pairs.min() + sum(t[int(v)] - t.min() for t, v in zip(alone[2:], x[2:])))


def stairs(x, seed):
    return float(np.sum(np.floor(np.abs(np.asarray(x) - moved(seed, len(x), -4.6, 4.6)) * 2) / 2))


def cliff(x, seed):
    """A bowl in which evaluations fail here and there, with the loss that PanDA gives them."""
    best = moved(seed, len(x), -4.6, 4.6)
    return 1e5 if x[0] > best[0] + 3 or x[1] < best[1] - 2.5 else bowl(x, seed)


def integers(x, seed):
    best = np.random.RandomState(6000 + seed).randint(1, 30, len(x))
    is_odd = (x[0] + x[1]) % 2 != (best[0] + best[1]) % 2
    return float(sum(abs(a - b) ** 1.5 for a, b in zip(x, best)) + 3 * is_odd)


# name: (loss, parameters, least, standard deviation of the noise)
KNOWN = {
    "sphere5": (bowl, [("float", -5, 5)] * 5, 0, 0),
    "rosen4": (rosenbrock, [("float", -3, 3)] * 4, 0, 0),
    "branin2": (branin, [("float", -5, 10), ("float", 0, 15)], 0.39788735772973816, 0),
    "hart6": (hartmann, [("float", 0, 1)] * 6, -3.322368011391339, 0),
    "ackley10": (ackley, [("float", -32.768, 32.768)] * 10, 0, 0),
    "rastrigin5": (rastrigin, [("float", -5.12, 5.12)] * 5, 0, 0),
    "griewank4": (griewank, [("float", -600, 600)] * 4, 0, 0),
    "mixed6": (network, [("choice", 4), ("choice", 3), ("int", 1, 12), ("logint", 8, 128), ("float", 0, 0.7), ("log", 1e-6, 1)], 0, 0),
    "noisy3": (bowl, [("float", -5, 5)] * 3, 0, 2),
    "loglr3b": (training, [("log", 1e-6, 1), ("log", 1e-7, 1e-1), ("logint", 8, 512)], 0.1, 0),
}
FURTHER = {
    "levy6": (levy, [("float", -10, 10)] * 6, 0, 0),
    "styblinski5": (styblinski, [("float", -5, 5)] * 5, 0, 0),
    "sphere20": (bowl, [("float", -5, 5)] * 20, 0, 0),
    "embedded10": (embedded, [("float", 0, 1)] * 10, 0.39788735772973816, 0),
    "choices6": (choices, [("choice", 5)] * 6, 0, 0),
    "stairs4": (stairs, [("float", -5, 5)] * 4, 0, 0),
    "cliff4": (cliff, [("float", -5, 5)] * 4, 0, 0),
    "integers4": (integers, [("int", 1, 30)] * 4, 0, 0),
    "noisy6": (bowl, [("float", -5, 5)] * 6, 0, 8),
    "michalewicz5": (michalewicz, [("float", 0, math.pi)] * 5, 0, 0),
}


def at_random(parameter, random):
    kind, low, high = parameter if parameter[0] != "choice" else ("choice", 0, parameter[1] - 1)
    if kind in ("int", "choice"):
        return int(random.randint(low, high + 1))
    if kind == "logint":
        return int(round(math.exp(random.uniform(math.log(low - 0.5), math.log(high + 0.5)))))
    return float(math.exp(random.uniform(math.log(low), math.log(high)))) if kind == "log" else float(random.uniform(low, high))
