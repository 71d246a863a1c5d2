//! From an intent that arrives to a decision on it, and the answer.
//!
//! The path of an intent: `state` -> `check` -> `decide` (with `conflict` and `draft`) -> `accept` or `answer`. An intent
//! that cannot be decided yet waits in `pending_intents`.

pub(crate) mod accept;
pub(crate) mod answer;
pub(crate) mod check;
pub(crate) mod conflict;
pub(crate) mod decide;
pub(crate) mod draft;
pub(crate) mod dry_run;
pub(crate) mod edit_activity;
pub(crate) mod footprint;
pub(crate) mod location;
pub(crate) mod names;
pub(crate) mod pending_intents;
pub(crate) mod quarantine;
pub(crate) mod restore;
pub(crate) mod restore_plan;
pub(crate) mod state;
pub(crate) mod validate;
