//! Tables for people.

use std::borrow::Cow;
use std::fmt::{self, Write};

use anstyle::Style;

use super::python::is_printable;

/// A table, laid out byte for byte as `tabulate(rows, tablefmt='simple', headers=…)` of Python lays it out.
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
    /// A whole number; a column of them is aligned to the right.
    Number(i64),
    /// Anything else.
    Text(String),
    /// The same, with colours where the terminal has them.
    Styled(String, Style),
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
        let columns: Vec<Column> =
            self.headers.iter().enumerate().map(|(at, header)| self.column(at, header)).collect();
        let headers = columns.iter().map(|column| column.pad(column.header));
        line(f, headers.collect())?;
        line(f, columns.iter().map(|column| "-".repeat(column.width)).collect())?;
        for (at, row) in self.rows.iter().enumerate() {
            let cells = columns.iter().zip(row).map(|(column, cell)| {
                let padded = column.pad(&column.texts[at]);
                match cell {
                    Cell::Styled(_, style) => format!("{style}{}{style:#}{}", padded.trim_end(), tail(&padded)),
                    _ => padded,
                }
            });
            line(f, cells.collect())?;
        }
        Ok(())
    }

    fn column(&self, at: usize, header: &'static str) -> Column {
        let cells = || self.rows.iter().filter_map(|row| row.get(at));
        let is_number = |cell: &Cell| matches!(cell, Cell::None | Cell::Number(_));
        let is_right = cells().any(|cell| *cell != Cell::None) && cells().all(is_number);
        let texts: Vec<String> = cells().map(ToString::to_string).collect();
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        Column { header, texts, is_right, width: longest.max(header.chars().count() + 2) }
    }
}

/// A column, ready to be written.
struct Column {
    header: &'static str,
    texts: Vec<String>,
    is_right: bool,
    width: usize,
}

impl Column {
    fn pad(&self, text: &str) -> String {
        let width = self.width;
        if self.is_right { format!("{text:>width$}") } else { format!("{text:<width$}") }
    }
}

fn tail(text: &str) -> &str {
    &text[text.trim_end().len()..]
}

fn line(f: &mut dyn Write, cells: Vec<String>) -> fmt::Result {
    writeln!(f, "{}", cells.join("  ").trim_end())
}

/// Shows what steers a terminal, or would break the line, as Python shows it in a string: the text may come from a server.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return text.into();
    }
    let shown = |character: char| match character {
        _ if is_printable(character) => character.to_string(),
        _ => character.escape_default().to_string(),
    };
    text.chars().map(shown).collect()
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) | Self::Styled(text, _) => f.write_str(printable(text).trim()),
        }
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &Table) -> String {
        let mut text = String::new();
        table.write(&mut text).expect("a string takes everything");
        text
    }

    // The three tables are what tabulate 0.10.0 prints.
    #[test]
    fn numbers_are_aligned_to_the_right_and_missing_values_are_blank() {
        let mut table = Table::new(["request_id", "workload_id", "scope:name", "errors"]);
        table.row([94_u64.into(), None::<u64>.into(), "s:n".into(), "{'msg': ''}".into()]);
        table.row([95_u64.into(), 1_616_422_511_u64.into(), "a longer one".into(), Cell::None]);
        assert_eq!(
            written(&table),
            "  request_id    workload_id  scope:name    errors\n\
             ------------  -------------  ------------  -----------\n          \
             94                 s:n           {'msg': ''}\n          \
             95     1616422511  a longer one\n"
        );
    }

    #[test]
    fn a_table_without_rows_has_headers_to_the_left() {
        assert_eq!(written(&Table::new(["request_id", "status"])), "request_id    status\n------------  --------\n");
    }

    #[test]
    fn a_column_without_any_value_is_one_of_text() {
        let mut table = Table::new(["id", "n"]);
        table.row([Cell::None, 7_u64.into()]);
        assert_eq!(written(&table), "id      n\n----  ---\n        7\n");
    }

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_obeyed() {
        let mut table = Table::new(["name"]);
        table.row(["\u{1b}[2Jcleared\nnext".into()]);
        assert!(written(&table).ends_with("\n\\u{1b}[2Jcleared\\nnext\n"), "{}", written(&table));
    }

    #[test]
    fn colours_take_no_room() {
        let mut table = Table::new(["status", "n"]);
        table.row([Cell::Styled("New".to_owned(), Style::new().bold()), 1_u64.into()]);
        assert!(written(&table).ends_with("\n\u{1b}[1mNew\u{1b}[0m         1\n"), "{:?}", written(&table));
    }
}
