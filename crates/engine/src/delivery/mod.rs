//! From a change that is pending for an editor to the proof that the editor has it.

pub(crate) mod batch;
pub(crate) mod delivery_queue;
pub(crate) mod inventory;
pub(crate) mod replica;
pub(crate) mod suppressed;
pub(crate) mod verify;
