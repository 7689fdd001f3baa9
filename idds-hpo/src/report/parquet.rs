//! The points of a search as an Apache Parquet file.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::export::{Cells, table};
use crate::SearchResult;

/// Why a Parquet file could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the Parquet file could not be made")]
pub struct ParquetError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<parquet::errors::ParquetError> for ParquetError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self(error.into())
    }
}

/// Returns all points as an Apache Parquet file: the columns of [`csv`](super::csv()), each with its type.
///
/// A parameter is a column of integers, of floating-point numbers, of booleans or of texts, whichever is the first that holds all
/// of its values; other JSON values are written as text. What a point lacks is null. Request, direction, end and duration of the
/// search are among the metadata of the file, as `request`, `direction`, `stop` and `elapsed`.
///
/// # Errors
///
/// When there are more columns or larger values than Parquet can hold.
pub fn parquet(result: &SearchResult) -> Result<Vec<u8>, ParquetError> {
    let columns = table(result);
    let fields = columns
        .iter()
        .map(|(name, cells)| field(name, cells).map(Arc::new));
    let schema = Type::group_type_builder("search")
        .with_fields(fields.collect::<Result<_, _>>()?)
        .build()?;
    let facts = [
        ("request", result.request.to_string()),
        ("direction", result.direction.to_string()),
        ("stop", format!("{:?}", result.stop)),
        ("elapsed", result.elapsed.as_secs_f64().to_string()),
    ];
    let facts = facts
        .map(|(name, value)| KeyValue::new(name.to_owned(), value))
        .to_vec();
    let properties = WriterProperties::builder()
        .set_created_by(concat!("idds-hpo version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(facts))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    let mut columns = columns.into_iter();
    while let (Some(mut column), Some((_, cells))) = (group.next_column()?, columns.next()) {
        match (column.untyped(), cells) {
            (ColumnWriter::BoolColumnWriter(writer), Cells::Flags(cells)) => {
                let (values, levels) = levels(cells);
                writer.write_batch(&values, Some(&levels), None)?;
            }
            (ColumnWriter::Int64ColumnWriter(writer), Cells::Integers(cells)) => {
                let (values, levels) = levels(cells);
                writer.write_batch(&values, Some(&levels), None)?;
            }
            (ColumnWriter::DoubleColumnWriter(writer), Cells::Numbers(cells)) => {
                let (values, levels) = levels(cells);
                writer.write_batch(&values, Some(&levels), None)?;
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Cells::Texts(cells)) => {
                let (values, levels) = levels(cells);
                let values: Vec<_> = values
                    .into_iter()
                    .map(|text| ByteArray::from(text.into_bytes()))
                    .collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            _ => unreachable!("the schema was made of the same columns"),
        }
        column.close()?;
    }
    group.close()?;
    Ok(file.into_inner()?)
}

/// Returns the schema of a column.
fn field(name: &str, cells: &Cells) -> Result<Type, parquet::errors::ParquetError> {
    let (physical, logical, converted) = match cells {
        Cells::Flags(_) => (Physical::BOOLEAN, None, ConvertedType::NONE),
        Cells::Integers(_) => (Physical::INT64, None, ConvertedType::NONE),
        Cells::Numbers(_) => (Physical::DOUBLE, None, ConvertedType::NONE),
        Cells::Texts(_) => (
            Physical::BYTE_ARRAY,
            Some(LogicalType::String),
            ConvertedType::UTF8,
        ),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .with_converted_type(converted)
        .build()
}

/// Returns the values that are there, and for every row 1 or 0 for whether one is.
fn levels<T>(cells: Vec<Option<T>>) -> (Vec<T>, Vec<i16>) {
    let levels = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    (cells.into_iter().flatten().collect(), levels)
}
