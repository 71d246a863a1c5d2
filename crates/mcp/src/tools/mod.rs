//! The tools: one file for each, with its table of arguments.

mod graph_check;
mod graph_nodes;
mod history;
mod history_diff;
mod log;
mod scene_describe;
mod scene_search;
mod status;
mod tool;

pub use tool::Tool;
pub(crate) use tool::unexpected;

/// All tools, in the order in which they are listed.
pub const TOOLS: &[Tool] = &[
    status::TOOL,
    scene_search::TOOL,
    scene_describe::TOOL,
    history::TOOL,
    history_diff::TOOL,
    log::TOOL,
    graph_check::TOOL,
    graph_nodes::TOOL,
];

/// Returns the tool of this name.
pub fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}
