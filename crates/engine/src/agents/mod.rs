//! The rights of agents: modes, questions to people, budgets.

pub(crate) mod access;
pub(crate) mod approvals;
pub(crate) mod budget;
pub(crate) mod guard;
pub(crate) mod per_minute;
pub(crate) mod question;
pub(crate) mod report;
pub(crate) mod state;
