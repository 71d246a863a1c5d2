//! A deterministic simulator of engine, store, disk and editors, in which everything goes wrong.
//!
//! Engine and store are the real ones. The disk tears, loses and refuses writes. Users edit on both sides, undo, save and
//! open older files; editors crash, hang, lie and repeat themselves; the daemon is killed. A person puts older logs in place. Time is virtual, there is one
//! thread, and all chance follows from one seed, so a run that breaks an invariant breaks it again.
//!
//! | file | part of a run |
//! |---|---|
//! | [`plan`] | the events, drawn from a seed |
//! | [`run`] | applies the events one by one |
//! | [`events`] | the effect of each event on the [`world`] with its [`daemon`], and on the [`sim_user`] at each [`end`] |
//! | [`visitors`] | agents and people who connect for one message; [`agents`]: those who stay, and what people decide about them |
//! | [`conflicts`] | the invariants of edits made at the same time |
//! | [`ledger`] | the other invariants at each step; [`finale`] checks those at the end, [`projections`] those of a sample |
//! | [`previews`] | what an editor shows for a moment, beside all events |
//! | [`lost_logs`] | logs and witnesses that a person loses, restores and exchanges |
//! | [`shrink`] | removes events that a failure does not need; [`trace`] prints the rest |

mod agents;
mod blobs;
mod compare;
mod conflicts;
pub mod counts;
mod daemon;
mod draw;
mod end;
mod events;
mod finale;
mod ledger;
mod lost_logs;
pub mod plan;
mod previews;
mod projections;
mod run;
mod shrink;
mod sim_user;
mod step_checks;
mod trace;
mod violation;
mod visitors;
mod witnesses;
mod world;

pub use run::{Outcome, run, tell};
pub use shrink::shrink;
pub use violation::Violation;
