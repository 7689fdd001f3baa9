//! The fourth stage: boxes and arrows as they are drawn.

use super::layers::{Layers, VertexKind};
use super::place::{Places, spread};
use super::{Arrow, Layout, Rect, Route, Size};

/// Part of a box's side that arrows end at; its corners may be cut.
const USABLE: f64 = 0.6;
/// Space between the ends of two arrows, when there is room.
const END_GAP: f64 = 24.0;

pub(super) fn draw(layers: &Layers, places: &Places, arrows: &[Arrow]) -> Layout {
    let rects: Vec<Rect> = layers
        .vertices
        .iter()
        .zip(&places.centres)
        .map(|(vertex, centre)| {
            let (top, bottom) = places.bands[vertex.layer];
            let y = ((top + bottom - vertex.size.height) / 2.0).round();
            Rect {
                x: centre - vertex.size.width / 2.0,
                y,
                size: vertex.size,
            }
        })
        .collect();
    let (starts, ends) = ends(layers, places, &rects);
    let routes = (0..arrows.len())
        .map(|arrow| route(layers, places, &rects, arrow, starts[arrow], ends[arrow]))
        .collect();
    let size = Size {
        width: rects.iter().map(Rect::right).fold(0.0, f64::max),
        height: rects.iter().map(Rect::bottom).fold(0.0, f64::max),
    };
    let boxes = rects
        .into_iter()
        .zip(&layers.vertices)
        .filter(|(_, vertex)| vertex.kind == VertexKind::Box);
    Layout {
        size,
        boxes: boxes.map(|(rect, _)| rect).collect(),
        routes,
    }
}

/// Returns where every arrow leaves the upper box and meets the lower one, from left to right.
fn ends(layers: &Layers, places: &Places, rects: &[Rect]) -> (Vec<f64>, Vec<f64>) {
    let mut starts = vec![0.0; layers.chains.len()];
    let mut ends = starts.clone();
    let mut at_top: Vec<Vec<(f64, usize)>> = vec![Vec::new(); rects.len()];
    let mut at_bottom = at_top.clone();
    for (arrow, chain) in layers.chains.iter().enumerate() {
        if let [upper, second, .., before, lower] = chain[..] {
            at_bottom[upper].push((places.centres[second], arrow));
            at_top[lower].push((places.centres[before], arrow));
        } else if let [upper, middle, lower] = chain[..] {
            at_bottom[upper].push((places.centres[middle], arrow));
            at_top[lower].push((places.centres[middle], arrow));
        }
    }
    for (sides, found) in [(at_bottom, &mut starts), (at_top, &mut ends)] {
        for (vertex, mut side) in sides.into_iter().enumerate() {
            side.sort_by(|one, other| one.0.total_cmp(&other.0));
            let count = side.len() as f64;
            let half = rects[vertex].size.width * USABLE / 2.0;
            let (low, high) = (places.centres[vertex] - half, places.centres[vertex] + half);
            let gap = END_GAP.min(2.0 * half / count);
            let wishes: Vec<_> = side
                .iter()
                .map(|(x, _)| (x.clamp(low, high), 1.0))
                .collect();
            let ends = spread(&wishes, |_| gap);
            for (index, ((_, arrow), end)) in side.into_iter().zip(ends).enumerate() {
                let index = index as f64;
                found[arrow] = end
                    .max(low + gap * index)
                    .min(high - gap * (count - 1.0 - index));
            }
        }
    }
    (starts, ends)
}

fn route(
    layers: &Layers,
    places: &Places,
    rects: &[Rect],
    arrow: usize,
    start: f64,
    end: f64,
) -> Route {
    let chain = &layers.chains[arrow];
    let (Some(upper), Some(lower)) = (chain.first(), chain.last()) else {
        return Route::default();
    };
    let band = |vertex: usize| places.bands[layers.vertices[vertex].layer];
    let mut points = vec![(start, rects[*upper].bottom()), (start, band(*upper).1)];
    let mut label = None;
    for bend in &chain[1..chain.len() - 1] {
        let x = places.centres[*bend];
        let (top, bottom) = band(*bend);
        if layers.vertices[*bend].kind == VertexKind::Label {
            let rect = rects[*bend];
            points.extend([(x, top), (x, rect.y), (x, rect.bottom()), (x, bottom)]);
            label = Some(rect);
        } else if top < bottom {
            points.extend([(x, top), (x, bottom)]);
        }
        // Where nothing is in the way, no bend is needed.
    }
    points.extend([(end, band(*lower).0), (end, rects[*lower].y)]);
    if layers.is_upward[arrow] {
        points.reverse();
    }
    points.dedup();
    Route { points, label }
}
