//! Limits on automation and on operations that keep failing.

pub(crate) mod breakers;
pub(crate) mod failure;
pub(crate) mod policy;
pub(crate) mod rate;
pub(crate) mod reset;
pub(crate) mod safe_mode;
pub(crate) mod state;
