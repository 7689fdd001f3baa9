//! All points that the values of the axes make.

use crate::unit_space::UnitSpace;

/// All combinations of the values of the axes, as coordinates, the last axis fastest. Those that differ only in parameters that do not exist
/// there are one: the first.
pub(crate) struct Combinations<'a> {
    cube: &'a UnitSpace<'a>,
    axes: Vec<Vec<f64>>,
    next: Option<Vec<usize>>,
}

impl<'a> Combinations<'a> {
    /// Begins with the first values; there is none when an axis has no value.
    pub(crate) fn new(cube: &'a UnitSpace<'a>, axes: Vec<Vec<f64>>) -> Self {
        let is_empty = axes.iter().any(Vec::is_empty);
        Self {
            cube,
            next: (!is_empty).then(|| vec![0; axes.len()]),
            axes,
        }
    }

    /// Goes on to the next value of the last axis before this one that has another, and to the first values of all after it.
    fn step(&mut self, mut indices: Vec<usize>, before: usize) {
        indices[before..].fill(0);
        for axis in (0..before).rev() {
            indices[axis] += 1;
            if indices[axis] < self.axes[axis].len() {
                self.next = Some(indices);
                return;
            }
            indices[axis] = 0;
        }
    }
}

impl Iterator for Combinations<'_> {
    type Item = Vec<f64>;

    fn next(&mut self) -> Option<Vec<f64>> {
        loop {
            let indices = self.next.take()?;
            let coordinates: Vec<f64> = indices
                .iter()
                .zip(&self.axes)
                .map(|(index, values)| values[*index])
                .collect();
            let active = self.cube.active(&coordinates);
            let idle = active.and_then(|active| {
                (0..indices.len()).find(|axis| !active[*axis] && indices[*axis] > 0)
            });
            match idle {
                Some(axis) => self.step(indices, axis),
                None => {
                    let all = indices.len();
                    self.step(indices, all);
                    return Some(coordinates);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::OptSpace;

    use super::*;

    #[test]
    fn points_that_differ_only_in_what_does_not_exist_are_one() {
        let space = OptSpace::builder()
            .choice("kind", ["a", "b"])
            .when("kind", ["b"], |space| {
                space.integer("x", 1..=3).integer("y", 1..=2)
            })
            .choice("z", [1, 2])
            .build()
            .expect("a space");
        let cube = UnitSpace::new(&space);
        let axes = cube.values(9).into_iter().flatten().collect();
        let points: Vec<String> = Combinations::new(&cube, axes)
            .map(|coordinates| cube.point(coordinates).to_string())
            .collect();
        assert_eq!(points.len(), 2 + 3 * 2 * 2);
        let distinct: std::collections::HashSet<_> = points.iter().collect();
        assert_eq!(distinct.len(), points.len());
    }
}
