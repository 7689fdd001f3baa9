//! Async client of the iDDS REST service.
