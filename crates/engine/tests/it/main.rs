//! The engine against editors in failures, message by message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail so"
)]

mod agent;
mod batches;
mod conflicts;
mod convergence;
mod delivery;
mod governance;
mod hands;
mod intents;
mod nodes;
mod presence;
mod queries;
mod restore;
mod verification;
mod waiting;
mod world;
