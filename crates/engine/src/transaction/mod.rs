//! Transactions: from BEGIN to the record that ends them.

pub(crate) mod lifecycle;
pub(crate) mod open_transactions;
pub(crate) mod pending_index;
pub(crate) mod rollback;
