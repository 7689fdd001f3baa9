//! Hyperparameter searches over iDDS.
