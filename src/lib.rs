//! Workflows and hyperparameter searches on iDDS.
