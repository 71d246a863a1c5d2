//! The daemon's decisions: a state machine, `(input, now) -> actions`.
//!
//! The engine has no clock, thread, file, socket or randomness of its own, so a whole run replays from its inputs.
//! The program runs the actions of a step in order: append, make durable, and only then send.
//!
//! The folders follow the path of a change:
//!
//! 1. `session`: a client connects.
//! 2. `intake`: its intent is checked and decided, or has to wait.
//!    `revert` makes an intent of what an agent did, to take it back.
//! 3. `governance`: automation and repeated failures have limits. `agents`: agents may do what people allow.
//! 4. `transaction`: the accepted changes become a transaction.
//! 5. `delivery`: batches deliver them to the other editors, whose read-back confirms them.
//!
//! `previews` stands beside the path: what people do is shown in the other editor meanwhile, and decides nothing.
//!
//! `engine.rs` holds the state and the sequence of a step.

mod action;
mod agents;
mod calls;
mod capabilities;
mod delivery;
mod engine;
mod governance;
mod intake;
mod journal;
mod options;
mod previews;
mod query;
mod refusals;
mod revert;
mod session;
mod status;
mod transaction;
mod views;

pub use action::{Action, Input, MeshPair, PreviewUpdate, Restore};
pub use engine::Engine;
pub use options::{AgentOptions, ApproveIn, Options, Rate, Thresholds};
pub use revert::{AgentWork, Revert, Selection};
