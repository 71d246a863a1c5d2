//! Requests of restores and undos.

use vibesync_protocol::RevertRequest;
use vibesync_scene::AgentName;

/// The reason of an operation that is not plain work.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// An agent restores an earlier state.
    Restore,
    /// Somebody takes back work. `by`: the agent that asked, if it was one.
    Undo {
        /// The request.
        request: RevertRequest,
        /// The agent that asked; none for a person.
        by: Option<AgentName>,
    },
}
