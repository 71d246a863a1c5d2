//! The tools: one file for each, with its table of arguments.

mod call_capability;
mod change_wait;
mod describe_capability;
mod graph_build;
mod graph_check;
mod graph_nodes;
mod history;
mod history_diff;
mod history_restore;
mod list_capabilities;
mod log;
mod operation;
mod scene_change;
mod scene_describe;
mod scene_search;
mod scene_view;
mod selection_set;
mod status;
mod tool;
mod undo;
mod window;

pub(crate) use scene_search::ROLES;
pub(crate) use tool::unexpected;
pub use tool::{Answer, Hints, Tool};

/// All tools, in the order in which they are listed.
pub const TOOLS: &[Tool] = &[
    status::TOOL,
    scene_search::TOOL,
    scene_describe::TOOL,
    scene_view::TOOL,
    selection_set::TOOL,
    scene_change::TOOL,
    change_wait::TOOL,
    history::TOOL,
    history_diff::TOOL,
    history_restore::TOOL,
    undo::TOOL,
    log::TOOL,
    graph_check::TOOL,
    graph_nodes::TOOL,
    graph_build::TOOL,
    list_capabilities::TOOL,
    describe_capability::TOOL,
    call_capability::TOOL,
];

/// Returns the tool of this name.
pub fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}
