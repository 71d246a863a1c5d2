//! The daemon's decisions: a state machine, `(input, now) -> actions`.
//!
//! The engine has no clock, thread, file, socket or randomness of its own, so a whole run replays from its inputs.
//! The program runs the actions of a step in order: append, make durable, and only then send.
//!
//! The folders follow the path of a change: `session` -> `intake` -> `governance` -> `transaction` -> `delivery`.

mod action;
mod delivery;
mod engine;
mod governance;
mod intake;
mod session;
mod status;
mod transaction;

pub use action::{Action, Input, MeshPair, Options, Restore};
pub use engine::Engine;
pub use governance::breakers::Thresholds;
pub use governance::rate::Rate;
pub use intake::edit_activity::InUse;
pub use session::presence::Presence;
pub use status::{EditorStatus, LastError, SessionStatus, Status};
