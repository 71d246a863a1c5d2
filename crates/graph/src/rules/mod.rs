//! The checklist: each rule checks the whole graph, and reports every location that breaks it.
//!
//! A rule is silent if another rule already reports the cause. For example, the sockets of an unknown type are unknown.

mod checklist;
mod compatible;
mod cycles;
mod duplicates;
mod ends;
mod evaluates;
mod fields;
mod frames;
mod ids;
mod interface;
mod items;
mod menus;
mod outputs;
mod required;
mod settings;
mod single;
mod sockets;
mod types;
mod variants;
mod version;
mod violations;
mod zone_contents;
mod zones;

pub use checklist::{RULES, Rule, check};
pub(crate) use ids::is_plain_id;
pub use violations::Violations;
