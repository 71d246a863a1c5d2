//! The daemon: serves one project to its editors.
//!
//! A change passes `listener` -> `session` -> `message_reader` -> `core` (engine and log) -> `send_queue` -> `writer`;
//! `projector` follows the log. Bulk data passes `codec` -> `upload` -> `attachments` -> `blob_cache` ->
//! `outgoing_frame` -> `writer`.

mod admission;
mod attachments;
mod blender_version;
mod blob_cache;
mod close_reason;
mod codec;
mod core;
mod event;
mod graph_check;
mod handshake;
mod listener;
mod mesh_compare;
mod message_reader;
mod options;
mod outgoing_frame;
mod projector;
mod restore;
mod run;
mod send_queue;
mod session;
mod shared;
mod storage;
mod upload;
mod writer;

pub use run::run;
