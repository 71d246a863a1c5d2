//! Agents that stay connected, the tools of add-ons that they call, and the people who decide about them.
//!
//! | file | part |
//! |---|---|
//! | [`plan`] | the events |
//! | [`events`], [`answers`] | effects of the events of agents and of people |
//! | [`sim_agents`], [`wanted`] | the agents, with their messages and the answers that they await |
//! | [`tools`], [`running`] | the add-ons of the editors, and the calls that run there |
//! | [`rights`] | the rights of an agent, derived from the records alone |
//! | [`changes`], [`transaction`], [`consent`], [`calls`], [`secrets`] | the invariants of changes, questions, calls and kept entities |
//! | [`end`] | the invariants at the end |

mod answers;
mod calls;
mod changes;
mod consent;
mod end;
mod events;
pub mod plan;
mod rights;
mod running;
mod secrets;
pub mod sim_agents;
mod tools;
mod transaction;
mod wanted;
