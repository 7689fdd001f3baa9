//! Shares of the variance of a model over the whole space.

use super::bend::Bend;
use super::model::{Model, square};

/// Number of points of the space over which is averaged, and over which a surface is.
const POINTS: u32 = 384;
const SURFACE_POINTS: u32 = 64;

/// Factors of every point of a model, at each place of each axis.
type Tables = Vec<Vec<Vec<f64>>>;

/// Returns for each prediction of a model the share of each axis by itself, and which share of the variance of the bent losses over
/// the space the points leave open. What is missing to 1 is of several axes together.
pub(super) fn shares(model: &Model, bend: &Bend) -> (Vec<Vec<f64>>, f64) {
    let tables = model.tables();
    let axes = tables.len();
    let count = model.predictions();
    let points = model.len();
    // Sums over the points of the space, of every prediction at every place of every axis.
    let mut means: Vec<Vec<Vec<f64>>> = tables
        .iter()
        .map(|places| vec![vec![0.0; count]; places.len()])
        .collect();
    // Sums of the values and of their squares, of every prediction.
    let mut sums = vec![(0.0, 0.0); count];
    let (mut doubts, mut known) = (0.0, (0.0, 0.0));
    let mut below = vec![vec![1.0; points]; axes + 1];
    let (mut values, mut others, mut product) = (
        Vec::with_capacity(count),
        vec![1.0; points],
        vec![1.0; points],
    );
    for index in 0..POINTS {
        for axis in 0..axes {
            let row = &tables[axis][place(&tables, axis, index)];
            for point in 0..points {
                below[axis + 1][point] = below[axis][point] * row[point];
            }
        }
        model.predict(&below[axes], &mut values);
        known = (known.0 + values[0], known.1 + square(values[0]));
        let at: Vec<f64> = (0..axes)
            .map(|axis| model.place(axis, place(&tables, axis, index)))
            .collect();
        doubts += model.doubt(&at, &below[axes]);
        let mut above = vec![1.0; points];
        for axis in (0..axes).rev() {
            multiply(&below[axis], &above, &mut others);
            let weight = 1.0 / tables[axis].len() as f64;
            for (row, means) in tables[axis].iter().zip(&mut means[axis]) {
                multiply(&others, row, &mut product);
                model.predict(&product, &mut values);
                for (prediction, value) in values.iter().enumerate() {
                    let value = bend.straight(*value);
                    means[prediction] += value;
                    sums[prediction].0 += weight * value;
                    sums[prediction].1 += weight * value * value;
                }
            }
            let row = &tables[axis][place(&tables, axis, index)];
            above
                .iter_mut()
                .zip(row)
                .for_each(|(above, factor)| *above *= factor);
        }
    }
    let samples = f64::from(POINTS);
    let (doubts, known) = (
        doubts / samples,
        known.1 / samples - square(known.0 / samples),
    );
    let shares = (0..count).map(|prediction| {
        let (sum, squares) = sums[prediction];
        let total = squares / (samples * axes as f64) - square(sum / (samples * axes as f64));
        let share = |places: &Vec<Vec<f64>>| {
            let along: Vec<f64> = places
                .iter()
                .map(|means| means[prediction] / samples)
                .collect();
            let mean = along.iter().sum::<f64>() / along.len() as f64;
            let variance =
                along.iter().map(|value| square(value - mean)).sum::<f64>() / along.len() as f64;
            if total > 0.0 { variance / total } else { 0.0 }
        };
        let mut shares: Vec<f64> = means.iter().map(share).collect();
        let all: f64 = shares.iter().sum();
        if all > 1.0 {
            shares.iter_mut().for_each(|share| *share /= all);
        }
        shares
    });
    (
        shares.collect(),
        doubts / (doubts + known).max(f64::MIN_POSITIVE),
    )
}

/// Returns the mean over all other axes at every place of two, row by row of the second.
pub(super) fn surface(model: &Model, bend: &Bend, first: usize, second: usize) -> Vec<Vec<f64>> {
    let tables = model.tables();
    let points = model.len();
    let mut surface = vec![vec![0.0; tables[first].len()]; tables[second].len()];
    let (mut values, mut row, mut product) = (Vec::new(), vec![1.0; points], vec![1.0; points]);
    for index in 0..SURFACE_POINTS {
        let mut others = vec![1.0; points];
        for axis in (0..tables.len()).filter(|axis| *axis != first && *axis != second) {
            let factors = &tables[axis][place(&tables, axis, index)];
            others
                .iter_mut()
                .zip(factors)
                .for_each(|(other, factor)| *other *= factor);
        }
        for (above, means) in tables[second].iter().zip(&mut surface) {
            multiply(&others, above, &mut row);
            for (along, mean) in tables[first].iter().zip(means) {
                multiply(&row, along, &mut product);
                model.predict(&product, &mut values);
                *mean += bend.straight(values[0]) / f64::from(SURFACE_POINTS);
            }
        }
    }
    surface
}

/// Returns the place along an axis of a point of the space, by its number.
fn place(tables: &Tables, axis: usize, index: u32) -> usize {
    let share = f64::from(sobol_burley::sample(
        index,
        axis as u32 % sobol_burley::NUM_DIMENSIONS,
        7,
    ));
    ((share * tables[axis].len() as f64) as usize).min(tables[axis].len() - 1)
}

fn multiply(a: &[f64], b: &[f64], into: &mut [f64]) {
    for ((into, a), b) in into.iter_mut().zip(a).zip(b) {
        *into = a * b;
    }
}
