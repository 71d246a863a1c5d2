//! Add-ons as agents see them: those that a person has allowed, with their texts escaped; of others the id and the state.

use std::fmt::Write as _;

use vibesync_capability::{
    Manifest, NO_ADDONS, NameTable, Tool, ToolId, agent_context, quote, read,
};
use vibesync_protocol::{
    AddonCommand, Capability, CapabilityState, CommandAnswer, CommandProgress,
};

/// Most bytes of one line about an add-on in the instructions.
const MAX_LINE: usize = 100;

/// The newest words of a daemon on a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Called {
    /// It has ended, or was refused.
    Answered(Box<CommandAnswer>),
    /// It goes on.
    Running(CommandProgress),
}

/// A call of a tool of an add-on.
pub type CallRequest = AddonCommand;

/// An allowed add-on with its manifest.
#[derive(Debug)]
pub(crate) struct ReadyAddon<'a> {
    pub capability: &'a Capability,
    pub manifest: Manifest,
}

impl ReadyAddon<'_> {
    /// Returns its allowed tools.
    pub fn tools(&self) -> impl Iterator<Item = &Tool> {
        let tools = self.manifest.ai_integration.tools.iter();
        tools.filter(|tool| self.capability.tools.contains(&tool.name))
    }
}

/// Returns the add-ons whose tools can be called. A manifest that this program does not understand counts as none.
pub(crate) fn ready(addons: &[Capability]) -> Vec<ReadyAddon<'_>> {
    let ready = addons
        .iter()
        .filter(|it| it.state == CapabilityState::Ready);
    ready
        .filter_map(|capability| {
            let text = capability.manifest.as_ref()?.to_string();
            let manifest = read(text.as_bytes()).ok()?.manifest;
            Some(ReadyAddon {
                capability,
                manifest,
            })
        })
        .collect()
}

/// Gives each tool of a ready add-on its name in the list of tools.
pub(crate) fn names(ready: &[ReadyAddon]) -> NameTable {
    NameTable::new(ready.iter().flat_map(|addon| {
        let id = addon.manifest.id();
        addon.tools().map(move |tool| ToolId {
            addon_id: id.to_owned(),
            tool: tool.name.clone(),
        })
    }))
}

/// Returns the text about all ready add-ons for an agent.
pub(crate) fn context(addons: &[Capability]) -> String {
    let ready = ready(addons);
    match ready.is_empty() {
        true => NO_ADDONS.to_owned(),
        false => agent_context(ready.iter().map(|addon| &addon.manifest)),
    }
}

/// Returns one line for each ready add-on, as far as `room` allows.
pub(crate) fn lines(addons: &[Capability], room: usize) -> String {
    let mut text = String::new();
    for addon in ready(addons) {
        let about = quote(
            &addon.manifest.ai_integration.agent_description,
            MAX_LINE / 2,
        );
        let mut line = String::new();
        // Writing to a string cannot fail.
        let _ = write!(line, "\nAdd-on {}: {about}", addon.manifest.id());
        if text.len() + line.len() > room {
            break;
        }
        text.push_str(&line);
    }
    text
}
