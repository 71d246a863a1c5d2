//! Capability add-ons: what an add-on's `addon_ai.json` may say, what a call may ask, and what agents are told of both.
//!
//! Pure: bytes in, decisions out. Nothing in a manifest is ever executed or becomes code; texts of authors are data that
//! is escaped and cut wherever it is shown.

mod arguments;
mod context;
mod digest;
mod finding;
mod identifier;
pub mod limits;
mod manifest;
mod manifest_schema;
mod names;
mod param;
mod path;
mod read;
mod requirements;
mod shapes;
mod text;
mod tool_schema;
mod version;

pub use arguments::check as check_arguments;
pub use context::{NO_ADDONS, agent_context};
pub use digest::digest;
pub use finding::{Finding, Findings, Rule};
pub use identifier::{CATEGORIES, RESERVED_IDS, RESERVED_PARAMETERS};
pub use manifest::{AddonInfo, AiIntegration, Hints, Manifest, Parameter, Requirements, Tool};
pub use manifest_schema::{BEYOND_THE_SCHEMA, manifest_schema};
pub use names::{NameTable, SEPARATOR, ToolId, generated_name, is_fixed_name};
pub use param::{Mismatch, ParameterType, TYPES};
pub use path::normalize as normalize_path;
pub use read::{Accepted, Refused, read};
pub use requirements::{Candidate, Editor, Usability, judge};
pub use shapes::{
    AddonCommand, AvailableAddon, CommandResponse, HandlerResult, Listing, RegistryEvent,
    RequestId, ResultStatus, registry_events,
};
pub use text::{escape, has_hidden, is_plain, quote};
pub use tool_schema::{input_schema, tool_description};
pub use version::Version;
