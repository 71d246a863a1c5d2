//! From a change that is pending for an editor to the proof that the editor has it.

pub(crate) mod batch;
pub(crate) mod batch_result;
pub(crate) mod delivery_queue;
pub(crate) mod flush;
pub(crate) mod header_size;
pub(crate) mod inventory;
pub(crate) mod lost_blobs;
pub(crate) mod read_back;
pub(crate) mod replica;
pub(crate) mod replicas;
pub(crate) mod state;
pub(crate) mod suppressed;
pub(crate) mod vanished;
