//! Tables for people.

use std::fmt::{self, Write};

use anstyle::Style;
use idds::workflow::printable_within;

use super::output;

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
        Self {
            headers: headers.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Writes the table, each line with a line feed; for a terminal so that it fits into its columns.
    pub fn write(&self, f: &mut dyn Write) -> fmt::Result {
        self.write_within(output::width().map(usize::from), f)
    }

    fn write_within(&self, width: Option<usize>, f: &mut dyn Write) -> fmt::Result {
        let mut columns: Vec<Column> = self
            .headers
            .iter()
            .enumerate()
            .map(|(at, header)| self.column(at, header))
            .collect();
        if let Some(width) = width {
            narrow(&mut columns, width);
        }
        let headers = columns
            .iter()
            .map(|column| (column, column.header, Style::new()));
        lines(f, headers.collect())?;
        line(
            f,
            columns
                .iter()
                .map(|column| "-".repeat(column.width))
                .collect(),
        )?;
        for (at, row) in self.rows.iter().enumerate() {
            let cells = columns.iter().zip(row).map(|(column, cell)| {
                let style = if let Cell::Styled(_, style) = cell {
                    *style
                } else {
                    Style::new()
                };
                (column, column.texts[at].as_str(), style)
            });
            lines(f, cells.collect())?;
        }
        Ok(())
    }

    fn column(&self, at: usize, header: &'static str) -> Column {
        let cells = || self.rows.iter().filter_map(|row| row.get(at));
        let is_number = |cell: &Cell| matches!(cell, Cell::None | Cell::Number(_));
        let is_right = cells().any(|cell| *cell != Cell::None) && cells().all(is_number);
        let texts: Vec<String> = cells().map(ToString::to_string).collect();
        let longest = texts
            .iter()
            .map(|text| text.chars().count())
            .max()
            .unwrap_or(0);
        // A number in two pieces would be read as another one.
        let least = if is_right {
            longest
        } else {
            LEAST.min(longest)
        }
        .max(1);
        let words = texts
            .iter()
            .map(|text| longest_word(text))
            .chain([longest_word(header)]);
        let readable = words.max().unwrap_or(0).max(least);
        let (full, width) = (
            longest.max(header.chars().count()),
            longest.max(header.chars().count() + 2),
        );
        Column {
            header,
            texts,
            is_right,
            least,
            readable,
            full,
            width,
        }
    }
}

/// What stands between two columns.
const GAP: &str = "  ";

/// Width below which no column of text is narrowed.
const LEAST: usize = 8;

/// Longest text of a cell, in characters: all rows are as wide as the widest, and a server may send anything.
const LONGEST: usize = 1000;

/// What a text may be cut behind.
const JOINTS: [char; 4] = [' ', '_', '/', ','];

fn longest_word(text: &str) -> usize {
    text.split_inclusive(JOINTS)
        .map(|word| word.trim_end().chars().count())
        .max()
        .unwrap_or(0)
}

/// Takes from the widest columns what is too much for this width: words are cut only when nothing else helps.
fn narrow(columns: &mut [Column], width: usize) {
    let total = |columns: &[Column]| {
        columns
            .iter()
            .map(|column| column.width + GAP.len())
            .sum::<usize>()
            .saturating_sub(GAP.len())
    };
    for limit in [
        |column: &Column| column.full,
        |column: &Column| column.readable,
        |column: &Column| column.least,
    ] {
        while total(columns) > width {
            let too_wide = columns
                .iter_mut()
                .filter(|column| column.width > limit(column));
            let Some(column) = too_wide.max_by_key(|column| column.width) else {
                break;
            };
            column.width -= 1;
        }
    }
}

/// A column, ready to be written.
struct Column {
    header: &'static str,
    texts: Vec<String>,
    is_right: bool,
    /// Width below which it is not narrowed.
    least: usize,
    /// Width of its longest word.
    readable: usize,
    /// Width in which nothing is cut.
    full: usize,
    width: usize,
}

impl Column {
    fn pad(&self, text: &str) -> String {
        let width = self.width;
        if self.is_right {
            format!("{text:>width$}")
        } else {
            format!("{text:<width$}")
        }
    }

    /// Cuts a text into pieces that fit, behind blanks and underscores where there are any.
    fn pieces<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((end, _)) = rest.char_indices().nth(self.width) {
            // What stands right behind the piece may be the blank.
            let after = end + rest[end..].chars().next().map_or(0, char::len_utf8);
            let cut = match rest[..after].rfind(' ').filter(|cut| *cut > 0) {
                Some(cut) => cut,
                None => rest[..end].rfind(JOINTS).map_or(end, |cut| cut + 1),
            };
            pieces.push(rest[..cut].trim_end());
            rest = rest[cut..].trim_start();
        }
        pieces.push(rest);
        pieces
    }
}

/// Writes a row, in as many lines as its longest cell needs.
fn lines(f: &mut dyn Write, row: Vec<(&Column, &str, Style)>) -> fmt::Result {
    let pieces: Vec<Vec<&str>> = row
        .iter()
        .map(|(column, text, _)| column.pieces(text))
        .collect();
    for number in 0..pieces.iter().map(Vec::len).max().unwrap_or(0) {
        let cells = row.iter().zip(&pieces).map(|((column, _, style), pieces)| {
            let padded = column.pad(pieces.get(number).unwrap_or(&""));
            let text = padded.trim_end();
            if text.is_empty() || *style == Style::new() {
                padded
            } else {
                format!("{style}{text}{style:#}{}", &padded[text.len()..])
            }
        });
        line(f, cells.collect())?;
    }
    Ok(())
}

fn line(f: &mut dyn Write, cells: Vec<String>) -> fmt::Result {
    writeln!(f, "{}", cells.join(GAP).trim_end())
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) | Self::Styled(text, _) => {
                f.write_str(printable_within(text, LONGEST).trim())
            }
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
        table
            .write_within(None, &mut text)
            .expect("a string takes everything");
        text
    }

    fn within(table: &Table, width: usize) -> String {
        let mut text = String::new();
        table
            .write_within(Some(width), &mut text)
            .expect("a string takes everything");
        text
    }

    // The three tables are what tabulate 0.10.0 prints.
    #[test]
    fn numbers_are_aligned_to_the_right_and_missing_values_are_blank() {
        let mut table = Table::new(["request_id", "workload_id", "scope:name", "errors"]);
        table.row([
            94_u64.into(),
            None::<u64>.into(),
            "s:n".into(),
            "{'msg': ''}".into(),
        ]);
        table.row([
            95_u64.into(),
            1_616_422_511_u64.into(),
            "a longer one".into(),
            Cell::None,
        ]);
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
        assert_eq!(
            written(&Table::new(["request_id", "status"])),
            "request_id    status\n------------  --------\n"
        );
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
        assert!(
            written(&table).ends_with("\n\\u{1b}[2Jcleared\\nnext\n"),
            "{}",
            written(&table)
        );
    }

    #[test]
    fn colours_take_no_room() {
        let mut table = Table::new(["status", "n"]);
        table.row([
            Cell::Styled("New".to_owned(), Style::new().bold()),
            1_u64.into(),
        ]);
        assert!(
            written(&table).ends_with("\n\u{1b}[1mNew\u{1b}[0m         1\n"),
            "{:?}",
            written(&table)
        );
    }

    #[test]
    fn a_table_that_is_too_wide_is_wrapped_and_loses_nothing() {
        let mut table = Table::new(["request_id", "status", "errors"]);
        let bold = Style::new().bold();
        table.row([
            94_u64.into(),
            Cell::Styled("Transforming".to_owned(), bold),
            "no such file: /data/x.root".into(),
        ]);
        table.row([
            1_616_422_511_u64.into(),
            Cell::Styled("New".to_owned(), bold),
            Cell::None,
        ]);
        assert_eq!(
            within(&table, 36),
            "request_id  status        errors\n\
             ----------  ------------  ----------\n        \
             94  \u{1b}[1mTransforming\u{1b}[0m  no such\n                          \
             file:\n                          /data/\n                          x.root\n\
             1616422511  \u{1b}[1mNew\u{1b}[0m\n"
        );
    }

    #[test]
    fn a_table_that_fits_is_that_of_a_pipe() {
        let mut table = Table::new(["name", "value"]);
        table.row(["vo".into(), "atlas".into()]);
        assert_eq!(within(&table, 80), written(&table));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_while_columns_can_be_narrowed() {
        let mut table = Table::new([
            "request_id",
            "transform_workload_id",
            "scope:name",
            "errors",
        ]);
        let long = "{'msg': 'ValueError: bad point'} and_a_name_without_any_blank_that_is_longer_than_the_column é é é";
        table.row([
            94_u64.into(),
            20_525_135_u64.into(),
            "pseudo_dataset:input_1_2_3".into(),
            long.into(),
        ]);
        for width in [40, 50, 80, 120] {
            let text = within(&table, width);
            assert!(
                text.lines().all(|line| line.chars().count() <= width),
                "{width}:\n{text}"
            );
            let letters = |text: &str| text.chars().filter(|it| it.is_alphanumeric()).count();
            assert_eq!(
                letters(&text),
                letters(&written(&table)),
                "{width}:\n{text}"
            );
        }
    }
}
