//! Connections and the presence of editors.

pub(crate) mod admission;
pub(crate) mod agents;
pub(crate) mod divergence;
pub(crate) mod presence;
pub(crate) mod sessions;
