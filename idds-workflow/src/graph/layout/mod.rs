//! Where the boxes of one cluster and the arrows between them go: layers from top to bottom, after Sugiyama.
//!
//! Parts that no arrow connects are laid out by themselves and then packed in rows. A part goes through four stages:
//! [`layers`] puts every box on a layer and breaks long arrows at each layer they cross, [`order`] puts what is on a layer
//! in an order with few crossings, [`place`] gives it its place, and [`route`] draws the arrows through the places.

mod layers;
mod order;
mod place;
mod route;

use self::layers::Layers;

/// Space between two parts.
const PART_GAP: f64 = 36.0;
/// Of the width and the height of a picture of many parts.
const ASPECT: f64 = 1.5;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A rectangle by its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) size: Size,
}

/// An arrow between two different boxes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Size of its text, if it has one.
    pub(super) label: Option<Size>,
}

/// The way of an arrow: it is vertical at every point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Route {
    pub(super) points: Vec<(f64, f64)>,
    /// Where the text goes, between two points of the way.
    pub(super) label: Option<Rect>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) boxes: Vec<Rect>,
    pub(super) routes: Vec<Route>,
}

impl Rect {
    pub(super) fn right(&self) -> f64 {
        self.x + self.size.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.y + self.size.height
    }

    pub(super) fn shift(&mut self, dx: f64, dy: f64) {
        self.x += dx;
        self.y += dy;
    }
}

impl Route {
    pub(super) fn shift(&mut self, dx: f64, dy: f64) {
        for (x, y) in &mut self.points {
            *x += dx;
            *y += dy;
        }
        if let Some(label) = &mut self.label {
            label.shift(dx, dy);
        }
    }
}

/// Lays out boxes of these sizes with the arrows between them.
pub(super) fn layout(sizes: &[Size], arrows: &[Arrow]) -> Layout {
    let mut whole = Layout {
        size: Size::default(),
        boxes: vec![Rect::default(); sizes.len()],
        routes: vec![Route::default(); arrows.len()],
    };
    let parts: Vec<_> = parts(sizes.len(), arrows)
        .into_iter()
        .map(|part| {
            let layout = lay_out_part(sizes, arrows, &part);
            (part, layout)
        })
        .collect();
    let corners = pack(
        &parts
            .iter()
            .map(|(_, layout)| layout.size)
            .collect::<Vec<_>>(),
    );
    for ((part, mut layout), (dx, dy)) in parts.into_iter().zip(corners) {
        whole.size.width = whole.size.width.max(dx + layout.size.width);
        whole.size.height = whole.size.height.max(dy + layout.size.height);
        for (index, rect) in part.boxes.iter().zip(&mut layout.boxes) {
            rect.shift(dx, dy);
            whole.boxes[*index] = *rect;
        }
        for (index, mut route) in part.arrows.iter().zip(layout.routes) {
            route.shift(dx, dy);
            whole.routes[*index] = route;
        }
    }
    for (route, arrow) in whole
        .routes
        .iter_mut()
        .zip(arrows)
        .filter(|(_, arrow)| arrow.from == arrow.to)
    {
        *route = around(&whole.boxes[arrow.from]);
    }
    whole
}

/// Leads an arrow from a box to itself, around its right side.
fn around(rect: &Rect) -> Route {
    let (inside, outside) = (rect.right() - 12.0, rect.right() + 12.0);
    let middle = (rect.y + rect.bottom()) / 2.0;
    Route {
        points: vec![(inside, rect.bottom()), (outside, middle), (inside, rect.y)],
        label: None,
    }
}

/// Boxes that arrows connect, with the arrows between them; by position.
#[derive(Debug, Default)]
struct Part {
    boxes: Vec<usize>,
    arrows: Vec<usize>,
}

/// Finds the parts: first those of several boxes, then single boxes, each in the order of their first box.
fn parts(count: usize, arrows: &[Arrow]) -> Vec<Part> {
    let mut root: Vec<usize> = (0..count).collect();
    fn find(root: &mut [usize], mut item: usize) -> usize {
        while root[item] != item {
            root[item] = root[root[item]];
            item = root[item];
        }
        item
    }
    for arrow in arrows {
        let [one, other] = [arrow.from, arrow.to].map(|end| find(&mut root, end));
        root[one.max(other)] = one.min(other);
    }
    let mut parts: Vec<Part> = (0..count).map(|_| Part::default()).collect();
    for item in 0..count {
        parts[find(&mut root, item)].boxes.push(item);
    }
    for (index, arrow) in arrows
        .iter()
        .enumerate()
        .filter(|(_, arrow)| arrow.from != arrow.to)
    {
        parts[find(&mut root, arrow.from)].arrows.push(index);
    }
    parts.retain(|part| !part.boxes.is_empty());
    parts.sort_by_key(|part| part.boxes.len() == 1);
    parts
}

fn lay_out_part(sizes: &[Size], arrows: &[Arrow], part: &Part) -> Layout {
    let local = |index: usize| part.boxes.binary_search(&index).unwrap_or_default();
    let sizes: Vec<Size> = part.boxes.iter().map(|index| sizes[*index]).collect();
    let arrows: Vec<Arrow> = part
        .arrows
        .iter()
        .map(|index| arrows[*index])
        .map(|arrow| Arrow {
            from: local(arrow.from),
            to: local(arrow.to),
            ..arrow
        })
        .collect();
    let mut layers = Layers::new(&sizes, &arrows);
    order::reduce_crossings(&mut layers);
    let places = place::places(&layers);
    route::draw(&layers, &places, &arrows)
}

/// Puts parts of these sizes in rows, and returns their corners.
fn pack(sizes: &[Size]) -> Vec<(f64, f64)> {
    let area: f64 = sizes
        .iter()
        .map(|size| (size.width + PART_GAP) * (size.height + PART_GAP))
        .sum();
    let widest = sizes.iter().map(|size| size.width).fold(0.0, f64::max);
    let limit = widest.max((area * ASPECT).sqrt());
    let (mut x, mut y, mut row_height) = (0.0, 0.0, 0.0_f64);
    sizes
        .iter()
        .map(|size| {
            if x > 0.0 && x + size.width > limit {
                (x, y, row_height) = (0.0, y + row_height + PART_GAP, 0.0);
            }
            let corner = (x, y);
            x += size.width + PART_GAP;
            row_height = row_height.max(size.height);
            corner
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 80.0,
        height: 40.0,
    };

    fn arrow(from: usize, to: usize) -> Arrow {
        Arrow {
            from,
            to,
            label: None,
        }
    }

    #[test]
    fn an_arrow_from_a_box_to_itself_goes_around_it() {
        let layout = layout(&[SIZE, SIZE], &[arrow(0, 0), arrow(0, 1)]);
        let (rect, route) = (layout.boxes[0], &layout.routes[0].points);
        assert_eq!(route.first().map(|(_, y)| *y), Some(rect.bottom()));
        assert_eq!(route.last().map(|(_, y)| *y), Some(rect.y));
        assert!(route.iter().any(|(x, _)| *x > rect.right()));
    }

    #[test]
    fn a_chain_is_straight() {
        let layout = layout(&[SIZE; 3], &[arrow(0, 1), arrow(1, 2)]);
        assert!(layout.boxes.iter().all(|rect| rect.x == 0.0));
        assert!(
            layout
                .routes
                .iter()
                .flat_map(|route| &route.points)
                .all(|(x, _)| *x == 40.0)
        );
    }

    #[test]
    fn an_arrow_that_closes_a_cycle_leads_upwards() {
        let layout = layout(&[SIZE; 3], &[arrow(0, 1), arrow(1, 2), arrow(2, 0)]);
        let back = &layout.routes[2].points;
        assert_eq!(back.first().map(|(_, y)| *y), Some(layout.boxes[2].y));
        assert_eq!(back.last().map(|(_, y)| *y), Some(layout.boxes[0].bottom()));
    }

    #[test]
    fn arrows_cross_only_when_they_must() {
        let layout = layout(
            &[SIZE; 5],
            &[arrow(0, 1), arrow(0, 2), arrow(1, 4), arrow(2, 3)],
        );
        let is_left = |one: usize, other: usize| layout.boxes[one].x < layout.boxes[other].x;
        assert_eq!(is_left(1, 2), is_left(4, 3));
    }

    #[test]
    fn single_boxes_fill_rows() {
        let layout = layout(&[SIZE; 50], &[]);
        assert!(
            layout.size.width < 2.0 * layout.size.height
                && layout.size.height < 2.0 * layout.size.width
        );
    }

    #[test]
    fn the_longest_of_too_many_long_arrows_run_straight() {
        let count = 600;
        let mut arrows: Vec<_> = (1..count).map(|to| arrow(to - 1, to)).collect();
        arrows.extend((2..count).map(|to| arrow(0, to)));
        let layout = layout(&vec![SIZE; count], &arrows);
        let points = |index: usize| layout.routes[index].points.len();
        assert!(points(count) > 4 && points(arrows.len() - 1) <= 6);
        let (end, last) = (
            layout.routes[arrows.len() - 1].points.last(),
            layout.boxes[count - 1],
        );
        assert!(end.is_some_and(|(x, y)| last.x < *x && *x < last.right() && *y == last.y));
    }
}
