//! Names of the MCP tools that are generated from the tools of add-ons.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use vibesync_scene::{Code, Invalid};

use crate::limits;
use crate::text::quote;

/// Separates add-on and tool in a generated name. No fixed tool has it in its name.
pub const SEPARATOR: &str = "__";
/// Shortest and longest name of a fixed tool, which clients put up to 40 characters before.
const FIXED_LENGTHS: std::ops::RangeInclusive<usize> = 3..=24;
const HASH_DIGITS: usize = 6;

/// Returns true for a name that a fixed tool may have: no generated name is one.
#[must_use]
pub fn is_fixed_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    FIXED_LENGTHS.contains(&name.len()) && name.bytes().all(allowed) && !name.contains(SEPARATOR)
}

/// Returns the name of a tool in a list of MCP tools: `addon__tool`.
///
/// The name depends on nothing but these two, so no add-on can take the name of another one over. A name that would be
/// too long or could be split at two places ends with a hash of both.
#[must_use]
pub fn generated_name(addon_id: &str, tool: &str) -> String {
    let name = format!("{addon_id}{SEPARATOR}{tool}");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_clear = !addon_id.contains(SEPARATOR) && !tool.contains(SEPARATOR);
    if name.len() <= limits::TOOL_NAME && is_clear && name.bytes().all(is_plain) {
        return name;
    }
    let most = limits::TOOL_NAME - HASH_DIGITS - 1;
    let cut = |text: &str, most: usize| -> String {
        let allowed = |c: char| u8::try_from(c).is_ok_and(is_plain);
        let chars = text.chars().take(most);
        chars.map(|c| if allowed(c) { c } else { '_' }).collect()
    };
    let mut short = cut(&name, most);
    if !short.contains(SEPARATOR) {
        let half = (most - SEPARATOR.len()) / 2;
        short = cut(addon_id, half) + SEPARATOR + &cut(tool, half);
    }
    short.push('_');
    let digest = Sha256::digest(format!("{addon_id}/{tool}").as_bytes());
    for byte in digest.iter().take(HASH_DIGITS / 2) {
        let _ = write!(short, "{byte:02x}");
    }
    short
}

/// A tool of an add-on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToolId {
    /// Id of the add-on.
    pub addon_id: String,
    /// Name of the tool.
    pub tool: String,
}

/// The generated names of a set of tools, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameTable {
    names: BTreeMap<String, ToolId>,
    left_out: Vec<ToolId>,
}

impl NameTable {
    /// Gives names to tools. Two tools with one name get none, and no more than [`limits::GENERATED_TOOLS`] have one.
    #[must_use]
    pub fn new(tools: impl IntoIterator<Item = ToolId>) -> Self {
        let mut by_name: BTreeMap<String, Vec<ToolId>> = BTreeMap::new();
        for tool in tools {
            let name = generated_name(&tool.addon_id, &tool.tool);
            by_name.entry(name).or_default().push(tool);
        }
        let mut table = Self::default();
        for (name, mut tools) in by_name {
            match tools.pop() {
                Some(tool) if tools.is_empty() && table.names.len() < limits::GENERATED_TOOLS => {
                    table.names.insert(name, tool);
                }
                last => table.left_out.extend(tools.into_iter().chain(last)),
            }
        }
        table.left_out.sort();
        table
    }

    /// Returns the tool with a generated name.
    ///
    /// # Errors
    ///
    /// Returns VS-9102 for a name that no tool has, such as one of an old list.
    pub fn resolve(&self, name: &str) -> Result<&ToolId, Invalid> {
        self.names.get(name).ok_or_else(|| {
            let shown = quote(name, limits::NAME);
            let message =
                format!("there is no tool {shown}; list_capabilities tells those that there are");
            Invalid::new(Code::CapabilityUnknown, "name", message)
        })
    }

    /// Returns names and tools in alphabetical order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ToolId)> {
        self.names.iter().map(|(name, tool)| (name.as_str(), tool))
    }

    /// Returns the tools without a name of their own; they are called by add-on and tool.
    #[must_use]
    pub fn left_out(&self) -> &[ToolId] {
        &self.left_out
    }
}
