//! From an intent that arrives to a decision on it.

pub(crate) mod check;
pub(crate) mod conflict;
pub(crate) mod edit_activity;
pub(crate) mod intent;
pub(crate) mod pending_intents;
pub(crate) mod restore;
