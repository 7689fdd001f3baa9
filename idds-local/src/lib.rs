//! A one-process iDDS.
