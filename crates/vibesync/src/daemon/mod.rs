//! The daemon: serves one project to its editors.
//!
//! A change passes `listener` -> `session` -> `message_reader` -> `core` (engine) -> `pipeline` -> `committer` (log) ->
//! `effects` -> `send_queue` -> `writer`. A small message that nothing precedes goes from `send_queue` to `wire` at once.
//!
//! `projector` follows the log, and so does `view`, which answers questions about the scene. Bulk data passes `codec` -> `upload` -> `attachments` -> `blob_cache` ->
//! `outgoing_frame` -> `writer`; `patches` and `held` keep the part that does not differ from travelling again.
//! `collector` removes what nothing keeps. Previews pass `core` -> `preview_slots` -> `preview_drain` -> `writer`.

mod admission;
mod attachments;
mod blender_version;
mod blob_cache;
mod blob_check;
mod clients;
mod close_reason;
mod codec;
mod collector;
mod committer;
mod core;
mod effects;
mod event;
mod graph_check;
mod group;
mod handshake;
mod held;
mod idle;
mod listener;
mod log_check;
mod mesh_compare;
mod message_reader;
mod options;
mod outgoing_frame;
mod patch_sizes;
mod patches;
mod picture;
mod pipeline;
mod plain_frame;
mod preview_drain;
mod preview_patches;
mod preview_slots;
mod projector;
mod repeated_warnings;
mod restore;
mod revert;
mod run;
mod send_queue;
mod session;
mod shared;
mod storage;
mod upload;
mod view;
mod wire;
mod writer;

pub use run::{run, run_on};
