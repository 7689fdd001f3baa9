//! The third stage: the place of every vertex. It wants to be at the mean of its neighbours, and keeps its distance.

use super::layers::{Layers, VertexKind};

/// Vertices and connections that all passes together look at, about.
const EFFORT: usize = 4_000_000;
/// Space between layers, more where arrows go far to the side.
const LAYER_GAP: (f64, f64) = (18.0, 72.0);

/// Centres of the vertices from left to right, and top and bottom of the layers.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) centres: Vec<f64>,
    pub(super) bands: Vec<(f64, f64)>,
}

pub(super) fn places(layers: &Layers) -> Places {
    let mut centres = vec![0.0; layers.vertices.len()];
    for layer in &layers.layers {
        let mut x = 0.0;
        for (index, vertex) in layer.iter().enumerate() {
            if index > 0 {
                x += distance(layers, layer[index - 1], *vertex);
            }
            centres[*vertex] = x;
        }
    }
    let work = layers.vertices.len() + layers.below.iter().map(Vec::len).sum::<usize>();
    let passes = (EFFORT / work.max(1)).clamp(2, 30);
    for pass in 0..passes {
        let count = layers.layers.len();
        for index in 0..count {
            // In the end both sides count, so that the middle of a picture does not lean on one of them.
            let sides: &[&Vec<Vec<usize>>] = match pass {
                _ if pass + 6 >= passes => &[&layers.above, &layers.below],
                _ if pass % 2 == 0 => &[&layers.above],
                _ => &[&layers.below],
            };
            let index = if pass % 2 == 0 {
                index
            } else {
                count - 1 - index
            };
            settle(layers, &layers.layers[index], sides, &mut centres);
        }
    }
    straighten(layers, &mut centres);
    let left = (0..layers.vertices.len())
        .map(|vertex| centres[vertex] - layers.vertices[vertex].size.width / 2.0)
        .fold(f64::INFINITY, f64::min);
    centres
        .iter_mut()
        .for_each(|centre| *centre = ((*centre - left) * 2.0).round() / 2.0);
    let bands = bands(layers, &centres);
    Places { centres, bands }
}

/// Least distance between the centres of two neighbours on a layer.
fn distance(layers: &Layers, left: usize, right: usize) -> f64 {
    let [left, right] = [left, right].map(|vertex| layers.vertices[vertex]);
    let gap = match (left.kind, right.kind) {
        (VertexKind::Box, VertexKind::Box) => 36.0,
        (VertexKind::Bend, VertexKind::Bend) => 16.0,
        _ => 20.0,
    };
    (left.size.width + right.size.width) / 2.0 + gap
}

/// Moves the vertices of a layer as near as possible to where they want to be.
fn settle(layers: &Layers, layer: &[usize], sides: &[&Vec<Vec<usize>>], centres: &mut [f64]) {
    let wishes = layer.iter().map(|vertex| {
        let (mut sum, mut weight) = (0.0, 0.0);
        for neighbour in sides.iter().flat_map(|side| &side[*vertex]) {
            let strength = strength(layers, *vertex, *neighbour);
            sum += strength * centres[*neighbour];
            weight += strength;
        }
        if weight > 0.0 {
            (sum / weight, weight)
        } else {
            (centres[*vertex], 0.01)
        }
    });
    let wishes: Vec<_> = wishes.collect();
    let settled = spread(&wishes, |index| {
        distance(layers, layer[index - 1], layer[index])
    });
    for (vertex, centre) in layer.iter().zip(settled) {
        centres[*vertex] = centre;
    }
}

/// Finds the places nearest to the wishes, with their weights, that keep a distance to the one before.
///
/// The weighted sum of the squared ways is the least possible: those that get in each other's way move together.
pub(super) fn spread(wishes: &[(f64, f64)], distance: impl Fn(usize) -> f64) -> Vec<f64> {
    // Groups that touch: where the first member wants to be on average, their weight, and their number.
    let mut groups: Vec<(f64, f64, usize)> = Vec::new();
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(wishes.len());
    for (index, (wish, weight)) in wishes.iter().enumerate() {
        if index > 0 {
            offset += distance(index);
        }
        offsets.push(offset);
        let mut group = (wish - offset, *weight, 1);
        while let Some(last) = groups.pop_if(|last| last.0 >= group.0) {
            let total = last.1 + group.1;
            group = (
                (last.0 * last.1 + group.0 * group.1) / total,
                total,
                last.2 + group.2,
            );
        }
        groups.push(group);
    }
    let starts = groups
        .iter()
        .flat_map(|(start, _, count)| std::iter::repeat_n(*start, *count));
    starts
        .zip(offsets)
        .map(|(start, offset)| start + offset)
        .collect()
}

/// How much a vertex wants to be above or below a neighbour: most of all on a long arrow, which is straight then, and
/// rather above the end of the arrow than below its start.
fn strength(layers: &Layers, vertex: usize, neighbour: usize) -> f64 {
    let [vertex, neighbour] = [vertex, neighbour].map(|index| layers.vertices[index]);
    match (
        vertex.kind == VertexKind::Box,
        neighbour.kind == VertexKind::Box,
    ) {
        (false, false) => 24.0,
        (false, true) if neighbour.layer > vertex.layer => 3.0,
        _ => 1.0,
    }
}

/// Straightens long arrows where there is room.
fn straighten(layers: &Layers, centres: &mut [f64]) {
    let mut positions = vec![0; layers.vertices.len()];
    for layer in &layers.layers {
        layer
            .iter()
            .enumerate()
            .for_each(|(position, vertex)| positions[*vertex] = position);
    }
    // From where to where a vertex can move.
    let room = |vertex: usize, centres: &[f64]| {
        let layer = &layers.layers[layers.vertices[vertex].layer];
        let position = positions[vertex];
        let left = position.checked_sub(1).map(|left| layer[left]);
        let low = left.map_or(f64::NEG_INFINITY, |left| {
            centres[left] + distance(layers, left, vertex)
        });
        let right = layer.get(position + 1);
        (
            low,
            right.map_or(f64::INFINITY, |right| {
                centres[*right] - distance(layers, vertex, *right)
            }),
        )
    };
    for chain in &layers.chains {
        let bends = &chain[1..chain.len() - 1];
        let mut start = 0;
        while start < bends.len() {
            // As many bends as can be above each other.
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            let mut end = start;
            while let Some(bend) = bends.get(end) {
                let room = room(*bend, centres);
                if low.max(room.0) > high.min(room.1) {
                    break;
                }
                (low, high) = (low.max(room.0), high.min(room.1));
                end += 1;
            }
            let run = &bends[start..end.max(start + 1)];
            if run.len() > 1 {
                let mean = run.iter().map(|bend| centres[*bend]).sum::<f64>() / run.len() as f64;
                run.iter()
                    .for_each(|bend| centres[*bend] = mean.max(low).min(high));
            }
            start += run.len();
        }
    }
}

fn bands(layers: &Layers, centres: &[f64]) -> Vec<(f64, f64)> {
    let mut top = 0.0;
    layers
        .layers
        .iter()
        .map(|layer| {
            let height = layer
                .iter()
                .map(|vertex| layers.vertices[*vertex].size.height)
                .fold(0.0, f64::max);
            let band = (top, top + height);
            let furthest = layer
                .iter()
                .flat_map(|vertex| {
                    layers.below[*vertex]
                        .iter()
                        .map(|end| (centres[*vertex] - centres[*end]).abs())
                })
                .fold(0.0, f64::max);
            top = band.1 + (furthest / 7.0).clamp(LAYER_GAP.0, LAYER_GAP.1).round();
            band
        })
        .collect()
}
