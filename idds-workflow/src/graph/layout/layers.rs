//! The first stage: every box on a layer, below all boxes that lead to it.

use super::{Arrow, Size};

/// Most bends that arrows get beyond the one that each has anyway.
const MAX_BENDS: usize = 50_000;

/// Boxes and the bends of arrows, each on a layer. Boxes are on even layers, texts of arrows on odd ones.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) vertices: Vec<Vertex>,
    /// The vertices of every layer, from left to right.
    pub(super) layers: Vec<Vec<usize>>,
    /// Of every vertex, those on the layer above that it is connected with.
    pub(super) above: Vec<Vec<usize>>,
    /// Of every vertex, those on the layer below that it is connected with.
    pub(super) below: Vec<Vec<usize>>,
    /// Of every arrow the vertices that it goes through, from top to bottom.
    pub(super) chains: Vec<Vec<usize>>,
    /// Of every arrow, whether it leads upwards.
    pub(super) is_upward: Vec<bool>,
}

/// A box, or a bend of an arrow; the boxes come first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vertex {
    pub(super) layer: usize,
    pub(super) size: Size,
    pub(super) kind: VertexKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum VertexKind {
    Box,
    Bend,
    Label,
}

impl Layers {
    pub(super) fn new(sizes: &[Size], arrows: &[Arrow]) -> Self {
        let is_upward = upward(sizes.len(), arrows);
        let down: Vec<(usize, usize)> = arrows
            .iter()
            .zip(&is_upward)
            .map(|(arrow, is_upward)| {
                if *is_upward {
                    (arrow.to, arrow.from)
                } else {
                    (arrow.from, arrow.to)
                }
            })
            .collect();
        let ranks = ranks(sizes.len(), &down);
        let vertices: Vec<_> = sizes
            .iter()
            .zip(&ranks)
            .map(|(size, rank)| Vertex {
                layer: 2 * rank,
                size: *size,
                kind: VertexKind::Box,
            })
            .collect();
        let count = vertices
            .iter()
            .map(|vertex| vertex.layer + 1)
            .max()
            .unwrap_or_default();
        let mut layers = Self {
            vertices,
            layers: vec![Vec::new(); count],
            above: Vec::new(),
            below: Vec::new(),
            chains: vec![Vec::new(); arrows.len()],
            is_upward,
        };
        layers.add_chains(arrows, &down);
        layers.connect();
        layers.fill();
        layers
    }

    /// Leads the arrows through the layers, short ones first.
    fn add_chains(&mut self, arrows: &[Arrow], down: &[(usize, usize)]) {
        let layer = |vertices: &[Vertex], (from, to): (usize, usize)| {
            (vertices[from].layer, vertices[to].layer)
        };
        let mut by_length: Vec<usize> = (0..down.len()).collect();
        by_length.sort_by_key(|arrow| {
            let (top, bottom) = layer(&self.vertices, down[*arrow]);
            bottom - top
        });
        let mut bends_left = MAX_BENDS;
        for arrow in by_length {
            let (from, to) = down[arrow];
            let (top, bottom) = layer(&self.vertices, down[arrow]);
            let mut chain = vec![from, self.vertices.len()];
            let label = arrows[arrow].label;
            let kind = if label.is_some() {
                VertexKind::Label
            } else {
                VertexKind::Bend
            };
            self.vertices.push(Vertex {
                layer: top + 1,
                size: label.unwrap_or_default(),
                kind,
            });
            let further = (top + 2)..bottom;
            if further.len() <= bends_left {
                bends_left -= further.len();
                for layer in further {
                    chain.push(self.vertices.len());
                    self.vertices.push(Vertex {
                        layer,
                        size: Size::default(),
                        kind: VertexKind::Bend,
                    });
                }
            }
            chain.push(to);
            self.chains[arrow] = chain;
        }
    }

    fn connect(&mut self) {
        self.above = vec![Vec::new(); self.vertices.len()];
        self.below = vec![Vec::new(); self.vertices.len()];
        for pair in self.chains.iter().flat_map(|chain| chain.windows(2)) {
            let [upper, lower] = [pair[0], pair[1]];
            // An arrow without all its bends jumps over layers.
            if self.vertices[upper].layer + 1 == self.vertices[lower].layer {
                self.below[upper].push(lower);
                self.above[lower].push(upper);
            }
        }
    }

    /// Puts the vertices on their layers, in the order in which a walk downwards meets them.
    fn fill(&mut self) {
        let mut is_met = vec![false; self.vertices.len()];
        for start in 0..self.vertices.len() {
            let mut waiting = vec![start];
            while let Some(vertex) = waiting.pop() {
                if std::mem::replace(&mut is_met[vertex], true) {
                    continue;
                }
                self.layers[self.vertices[vertex].layer].push(vertex);
                waiting.extend(self.below[vertex].iter().rev());
            }
        }
    }
}

/// Tells which arrows have to lead upwards, so that all others can lead downwards: those that close a cycle.
fn upward(count: usize, arrows: &[Arrow]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut is_start = vec![true; count];
    for (index, arrow) in arrows.iter().enumerate() {
        out[arrow.from].push(index);
        is_start[arrow.to] = false;
    }
    let mut is_upward = vec![false; arrows.len()];
    let mut states = vec![State::New; count];
    let starts = (0..count)
        .filter(|item| is_start[*item])
        .chain((0..count).filter(|item| !is_start[*item]));
    for start in starts {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::Open;
        let mut path = vec![(start, 0)];
        while let Some((item, next)) = path.last_mut() {
            let Some(arrow) = out[*item].get(*next) else {
                states[*item] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = arrows[*arrow].to;
            match states[to] {
                State::New => {
                    states[to] = State::Open;
                    path.push((to, 0));
                }
                State::Open => is_upward[*arrow] = true,
                State::Done => {}
            }
        }
    }
    is_upward
}

/// Returns the layer of every item: the length of the longest way to it, or, where no way leads to it, right above the
/// first that it leads to.
fn ranks(count: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waits = vec![0_usize; count];
    for (from, to) in down {
        out[*from].push(*to);
        waits[*to] += 1;
    }
    let is_source: Vec<bool> = waits.iter().map(|waits| *waits == 0).collect();
    let mut ranks = vec![0; count];
    let mut free: Vec<usize> = (0..count).filter(|item| is_source[*item]).collect();
    while let Some(item) = free.pop() {
        for to in &out[item] {
            ranks[*to] = ranks[*to].max(ranks[item] + 1);
            waits[*to] -= 1;
            if waits[*to] == 0 {
                free.push(*to);
            }
        }
    }
    for item in (0..count).filter(|item| is_source[*item]) {
        if let Some(first) = out[item].iter().map(|to| ranks[*to]).min() {
            ranks[item] = first - 1;
        }
    }
    ranks
}
