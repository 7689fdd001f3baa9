//! Tables for people, in the format that Python's `tabulate` calls simple.

use std::fmt::{self, Write};

/// A table, which is laid out like `tabulate(rows, tablefmt='simple', headers=…)` of Python.
#[derive(Clone, Debug)]
pub struct Table {
    headers: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    None,
    /// A whole number, which is aligned to the right.
    Number(i64),
    /// Anything else.
    Text(String),
}

impl Table {
    /// Begins a table with these headers.
    pub fn new<const N: usize>(headers: [&'static str; N]) -> Self {
        Self { headers: headers.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Writes the table, each line with a line feed.
    pub fn write(&self, f: &mut dyn Write) -> fmt::Result {
        let columns = 0..self.headers.len();
        let numeric: Vec<bool> = columns
            .clone()
            .map(|at| {
                let mut cells =
                    self.rows.iter().filter_map(|row| row.get(at)).filter(|cell| **cell != Cell::None).peekable();
                cells.peek().is_some() && cells.all(|cell| matches!(cell, Cell::Number(_)))
            })
            .collect();
        let texts: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        let widths: Vec<usize> = columns
            .map(|at| {
                let cells = texts.iter().filter_map(|row| row.get(at)).map(|text| text.chars().count());
                cells.max().unwrap_or(0).max(self.headers[at].chars().count() + 2)
            })
            .collect();
        let line = |f: &mut dyn Write, cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (at, cell) in cells.enumerate() {
                let gap = if at == 0 { "" } else { "  " };
                let width = widths[at];
                if numeric[at] {
                    write!(line, "{gap}{cell:>width$}")?;
                } else {
                    write!(line, "{gap}{cell:<width$}")?;
                }
            }
            writeln!(f, "{}", line.trim_end())
        };
        line(f, &mut self.headers.iter().copied())?;
        let dashes: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        line(f, &mut dashes.iter().map(String::as_str))?;
        for row in &texts {
            line(f, &mut row.iter().map(String::as_str))?;
        }
        Ok(())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}
