//! A world in which everything goes wrong, on purpose and repeatably.
//!
//! The engine and the store are the real ones. The disk tears, loses and refuses; people edit on both sides, undo, save
//! and open older files; editors crash, hang, lie and repeat themselves; the daemon is killed. Time is virtual, there is
//! one thread, and all that is left to chance follows from one seed, so a run that breaks something breaks it again.
//!
//! A run reads off the file names: [`plan`] says what happens, [`events`] lets it happen to the [`world`] with its
//! [`daemon`] and its [`sim_user`]s, [`ledger`] holds everything against what must be so at each step, [`finale`] at the
//! end, [`projections`] on a sample. What fails is made small by [`shrink`] and told by [`trace`].

pub mod counts;
mod daemon;
mod events;
mod finale;
mod ledger;
pub mod plan;
mod projections;
mod run;
mod shrink;
mod sim_user;
mod trace;
mod world;

pub use ledger::Violation;
pub use run::{Outcome, run, tell};
pub use shrink::shrink;
