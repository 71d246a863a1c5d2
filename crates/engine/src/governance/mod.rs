//! Limits on automation and on operations that keep failing.

pub(crate) mod breakers;
pub(crate) mod policy;
pub(crate) mod rate;
