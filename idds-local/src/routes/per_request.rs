//! Lists with a row for each request, or for each of its transforms.

use rusqlite::Connection;

use crate::answer::Failure;
use crate::listing::{Page, Pages, ROWS, Read};
use crate::pretty::Field;
use crate::store::StoreError;
use crate::store::requests::{self, RequestRow};
use crate::store::transforms::{self, TransformRow};
use crate::target::Target;

/// The fields of a row, as far as the database can be read.
pub(super) type Answered = rusqlite::Result<Vec<Field>>;

/// What the rows of a list show.
pub(super) trait Rows: Send + 'static {
    /// Tells whether each transform has a row; a request without any has one all the same.
    fn has_transforms(&self) -> bool;

    /// Returns how many bytes of the database a row takes besides its columns.
    fn size(&self, _connection: &Connection, _request: i64) -> rusqlite::Result<usize> {
        Ok(0)
    }

    /// Returns the fields of a row.
    fn fields(
        &self,
        connection: &Connection,
        request: &RequestRow,
        transform: Option<TransformRow>,
    ) -> Answered;
}

/// The list of some requests, of which all up to a place have been sent.
pub(super) struct PerRequest<R> {
    target: Target,
    rows: R,
    /// The last request of which something has been sent.
    request: i64,
    /// Its last transform that has been sent; 0 when all of the request have.
    transform: i64,
}

impl<R: Rows> PerRequest<R> {
    pub(super) fn new(target: Target, rows: R) -> Self {
        Self {
            target,
            rows,
            request: 0,
            transform: 0,
        }
    }

    /// Adds a request, and tells how the page ends if that is within it.
    fn add(
        &mut self,
        connection: &Connection,
        page: &mut Page,
        row: &RequestRow,
    ) -> Result<Option<Read>, Failure> {
        let id = row.request_id;
        let size = self.rows.size(connection, id).map_err(StoreError::from)?;
        let mut after = if self.request == id {
            self.transform
        } else {
            0
        };
        loop {
            let transforms = match self.rows.has_transforms() {
                true => transforms::list(connection, Target::of(id), None, after, ROWS)
                    .map_err(StoreError::from)?,
                false => Vec::new(),
            };
            let is_last = transforms.len() < ROWS;
            let alone = (transforms.is_empty() && after == 0).then_some(None);
            for transform in transforms.into_iter().map(Some).chain(alone) {
                if let Some(end) = page.ends_before(size) {
                    return Ok(Some(end));
                }
                let number = transform.as_ref().map(|transform| transform.transform_id);
                page.object(
                    size,
                    self.rows
                        .fields(connection, row, transform)
                        .map_err(StoreError::from)?,
                );
                if let Some(number) = number {
                    after = number;
                    (self.request, self.transform) = (id, after);
                }
            }
            if is_last {
                return Ok(None);
            }
        }
    }
}

impl<R: Rows> Pages for PerRequest<R> {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        loop {
            // The last one may have further transforms.
            let after = self.request - i64::from(self.transform > 0);
            let requests =
                requests::list(connection, self.target, after, ROWS).map_err(StoreError::from)?;
            let is_last = requests.len() < ROWS;
            for request in requests {
                if let Some(end) = self.add(connection, page, &request)? {
                    return Ok(end);
                }
                (self.request, self.transform) = (request.request_id, 0);
            }
            if is_last {
                return Ok(Read::Last);
            }
        }
    }
}
