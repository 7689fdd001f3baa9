//! Triangular factors of covariance matrices.
//!
//! Sums are taken in a fixed order, so that every platform gets the same bits.

/// The lower triangular factor of a symmetric positive definite matrix; rows can be added.
#[derive(Clone, Debug, Default)]
pub struct Cholesky {
    /// Row `i` has `i + 1` numbers.
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// Factors the matrix with these rows, of which the lower triangle is read; none when it is not positive definite.
    pub fn new(size: usize, entry: impl Fn(usize, usize) -> f64) -> Option<Self> {
        let mut factor = Self {
            rows: Vec::with_capacity(size),
        };
        let mut row = Vec::with_capacity(size);
        for i in 0..size {
            row.clear();
            row.extend((0..i).map(|j| entry(i, j)));
            factor.push(&row, entry(i, i)).then_some(())?;
        }
        Some(factor)
    }

    /// Adds a row of the matrix and its diagonal entry; `false`, and no change, when it is not positive definite.
    pub fn push(&mut self, row: &[f64], diagonal: f64) -> bool {
        let mut new = self.forward(row);
        let rest = diagonal - dot(&new, &new);
        if rest.is_nan() || rest <= 0.0 {
            return false;
        }
        new.push(rest.sqrt());
        self.rows.push(new);
        true
    }

    /// Solves `L x = b`.
    pub fn forward(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(self.rows.len() + 1);
        for (i, (row, b)) in self.rows.iter().zip(b).enumerate() {
            let value = (b - dot(&row[..i], &x)) / row[i];
            x.push(value);
        }
        x
    }

    /// Returns `L z`.
    pub fn multiply(&self, z: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| dot(row, z)).collect()
    }

    /// Solves `L Lᵀ x = b`.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = self.forward(b);
        for i in (0..x.len()).rev() {
            x[i] /= self.rows[i][i];
            let at = x[i];
            for (earlier, entry) in x[..i].iter_mut().zip(&self.rows[i]) {
                *earlier -= entry * at;
            }
        }
        x
    }

    /// Returns the lower triangle of the inverse of the factored matrix.
    pub fn inverse(&self) -> Vec<Vec<f64>> {
        let size = self.rows.len();
        // Columns of the inverse factor: column `j` begins at row `j`.
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(size);
        for j in 0..size {
            let mut column = Vec::with_capacity(size - j);
            column.push(1.0 / self.rows[j][j]);
            for i in j + 1..size {
                let row = &self.rows[i];
                let sum = dot(&row[j..i], &column);
                column.push(-sum / row[i]);
            }
            columns.push(column);
        }
        (0..size)
            .map(|i| {
                (0..=i)
                    .map(|j| dot(&columns[i], &columns[j][i - j..]))
                    .collect()
            })
            .collect()
    }

    /// Returns half the logarithm of the determinant of the factored matrix.
    pub fn half_log_determinant(&self) -> f64 {
        self.rows
            .iter()
            .enumerate()
            .map(|(i, row)| libm::log(row[i]))
            .sum()
    }
}

/// Returns the scalar product, summed in four fixed strands, which is what makes it fast.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut strands = [0.0; 4];
    let (a, b) = (&a[..a.len().min(b.len())], &b[..a.len().min(b.len())]);
    let (a_fours, b_fours) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_fours
        .remainder()
        .iter()
        .zip(b_fours.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_fours.zip(b_fours) {
        for k in 0..4 {
            strands[k] += a[k] * b[k];
        }
    }
    (strands[0] + strands[1]) + (strands[2] + strands[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(i: usize, j: usize) -> f64 {
        let distance = i.abs_diff(j) as f64;
        libm::exp(-0.3 * distance) + if i == j { 0.1 } else { 0.0 }
    }

    #[test]
    fn a_solution_solves() {
        let factor = Cholesky::new(11, entry).expect("positive definite");
        let b: Vec<f64> = (0..11).map(f64::from).collect();
        let x = factor.solve(&b);
        for (i, b) in b.iter().enumerate() {
            let row: f64 = (0..11).map(|j| entry(i, j) * x[j]).sum();
            assert!((row - b).abs() < 1e-10, "{row} {b}");
        }
    }

    #[test]
    fn the_inverse_undoes_the_matrix() {
        let inverse = Cholesky::new(9, entry)
            .expect("positive definite")
            .inverse();
        let at = |i: usize, j: usize| if i >= j { inverse[i][j] } else { inverse[j][i] };
        for i in 0..9 {
            for j in 0..9 {
                let product: f64 = (0..9).map(|k| entry(i, k) * at(k, j)).sum();
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn a_singular_matrix_is_refused() {
        assert!(Cholesky::new(2, |_, _| 1.0).is_none());
        let mut factor = Cholesky::new(1, |_, _| 1.0).expect("positive definite");
        assert!(!factor.push(&[f64::NAN], 1.0));
    }
}
