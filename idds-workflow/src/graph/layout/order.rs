//! The second stage: an order of every layer with few crossings, by sweeps that put each vertex at the mean of its
//! neighbours.

use super::layers::Layers;

/// Vertices and connections that all sweeps together look at, about.
const EFFORT: usize = 6_000_000;
/// Sweeps without any gain after which the search ends.
const PATIENCE: usize = 4;

/// Reorders the layers.
pub(super) fn reduce_crossings(layers: &mut Layers) {
    let work = layers.vertices.len() + layers.below.iter().map(Vec::len).sum::<usize>();
    let sweeps = (EFFORT / work.max(1)).clamp(2, 40);
    let mut positions = vec![0; layers.vertices.len()];
    layers
        .layers
        .iter()
        .for_each(|layer| number(layer, &mut positions));

    let mut best = (crossings(layers, &positions), layers.layers.clone());
    let mut patience = PATIENCE;
    for sweep in 0..sweeps {
        if best.0 == 0 || patience == 0 {
            break;
        }
        let count = layers.layers.len();
        for index in 0..count {
            let (index, neighbours) = if sweep % 2 == 0 {
                (index, &layers.above)
            } else {
                (count - 1 - index, &layers.below)
            };
            let mut layer: Vec<_> = layers.layers[index]
                .iter()
                .map(|vertex| {
                    (
                        mean(&neighbours[*vertex], &positions).unwrap_or(positions[*vertex] as f64),
                        *vertex,
                    )
                })
                .collect();
            layer.sort_by(|one, other| one.0.total_cmp(&other.0));
            layers.layers[index] = layer.into_iter().map(|(_, vertex)| vertex).collect();
            number(&layers.layers[index], &mut positions);
        }
        let crossings = crossings(layers, &positions);
        patience -= 1;
        if crossings < best.0 {
            best = (crossings, layers.layers.clone());
            patience = PATIENCE;
        }
    }
    layers.layers = best.1;
}

fn number(layer: &[usize], positions: &mut [usize]) {
    for (position, vertex) in layer.iter().enumerate() {
        positions[*vertex] = position;
    }
}

fn mean(neighbours: &[usize], positions: &[usize]) -> Option<f64> {
    let sum: usize = neighbours
        .iter()
        .map(|neighbour| positions[*neighbour])
        .sum();
    (!neighbours.is_empty()).then(|| sum as f64 / neighbours.len() as f64)
}

/// Counts the crossings of all connections between neighbouring layers.
fn crossings(layers: &Layers, positions: &[usize]) -> usize {
    layers
        .layers
        .iter()
        .zip(layers.layers.iter().skip(1))
        .map(|(upper, lower)| {
            // Two connections cross when the one further right above ends further left below.
            let mut ended = Fenwick(vec![0; lower.len() + 1]);
            let mut count = 0;
            for (vertex, before) in upper.iter().scan(0, |seen, vertex| {
                let before = *seen;
                *seen += layers.below[*vertex].len();
                Some((vertex, before))
            }) {
                let ends = layers.below[*vertex].iter().map(|end| positions[*end]);
                count += ends
                    .clone()
                    .map(|end| before - ended.up_to(end))
                    .sum::<usize>();
                ends.for_each(|end| ended.add(end));
            }
            count
        })
        .sum()
}

/// Counts of positions, with fast sums.
struct Fenwick(Vec<usize>);

impl Fenwick {
    fn add(&mut self, position: usize) {
        let mut index = position + 1;
        while let Some(count) = self.0.get_mut(index) {
            *count += 1;
            index += index & index.wrapping_neg();
        }
    }

    /// Returns how many were added at this position or before it.
    fn up_to(&self, position: usize) -> usize {
        let (mut index, mut sum) = (position + 1, 0);
        while index > 0 {
            sum += self.0[index];
            index &= index - 1;
        }
        sum
    }
}
