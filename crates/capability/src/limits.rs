//! Limits of a manifest, of the arguments of a call, and of the texts made for agents. Reading stops before a limit costs
//! memory or time.

/// Bytes of a manifest.
pub const BYTES: usize = 256 << 10;
/// Levels of nested values of a manifest; one without `dict` defaults needs six.
pub const DEPTH: usize = 16;
/// Values of a manifest. An empty list has two bytes in the text and a hundred in memory.
pub const VALUES: usize = 50_000;
/// Errors of one manifest or call that are told one by one, and notes too; the others are counted.
pub const FINDINGS: usize = 100;
/// Tools of an add-on.
pub const TOOLS: usize = 64;
/// Parameters of a tool.
pub const PARAMETERS: usize = 32;
/// Examples of a tool.
pub const EXAMPLES: usize = 10;
/// Hints for the use of an add-on.
pub const CONTEXT_HINTS: usize = 20;
/// Add-ons that one add-on depends on, and those that it conflicts with.
pub const REQUIRED_ADDONS: usize = 32;
/// Options of an enum.
pub const OPTIONS: usize = 200;

/// Characters of an add-on's id, and of the names of tools and parameters.
pub const ID: usize = 64;
/// Characters of a name, an author, and of an option.
pub const NAME: usize = 80;
/// Characters of a category.
pub const CATEGORY: usize = 40;
/// Characters of a version.
pub const VERSION: usize = 64;
/// Characters of the add-on's description for people.
pub const SUMMARY: usize = 500;
/// Characters of the add-on's description for agents.
pub const AGENT_DESCRIPTION: usize = 2_000;
/// Characters of the description and of the usage of a tool, and of the description of a parameter.
pub const DESCRIPTION: usize = 1_000;
/// Characters of an example or a hint.
pub const EXAMPLE: usize = 300;

/// Characters of a text in a call.
pub const TEXT: usize = 10_000;
/// Characters of the name of an object, a material or a collection.
pub const OBJECT_NAME: usize = 255;
/// Characters of a path, and bytes of one part of it.
pub const PATH: usize = 1_024;
/// Bytes of one part of a path.
pub const PATH_PART: usize = 255;
/// Largest whole number in both directions: each smaller one is exact in the numbers of JSON.
pub const INTEGER: i64 = 1 << 53;
/// Size of a dict: the bytes of its texts and keys, and eight for each value.
pub const DICT_BYTES: usize = 64 << 10;
/// Levels of a dict; the dict itself is the first.
pub const DICT_DEPTH: usize = 8;
/// Keys of a dict, at all levels together.
pub const DICT_KEYS: usize = 1_000;

/// Characters of the name of a generated MCP tool. Clients put up to 31 characters before it and allow 64.
pub const TOOL_NAME: usize = 33;
/// Generated MCP tools in a list.
pub const GENERATED_TOOLS: usize = 64;
/// Characters of the description of a generated MCP tool.
pub const TOOL_DESCRIPTION: usize = 600;
/// Characters of the description of a parameter in a schema.
pub const PARAMETER_DESCRIPTION: usize = 200;
/// Characters of a default in a schema; a longer one is left out.
pub const SCHEMA_DEFAULT: usize = 200;

/// Bytes of the context of all add-ons.
pub const CONTEXT: usize = 32 << 10;
/// Bytes of the context of one add-on.
pub const CONTEXT_ADDON: usize = 8 << 10;
/// Characters of an add-on's description in the context.
pub const CONTEXT_DESCRIPTION: usize = 1_000;
/// Characters of the description of a tool in the context.
pub const CONTEXT_TOOL: usize = 300;
/// Characters of an example, a hint or the description of a parameter in the context.
pub const CONTEXT_EXAMPLE: usize = 200;

/// Bytes of the `metadata` of a command.
pub const METADATA: usize = 4 << 10;
/// Bytes of the result of a handler.
pub const RESULT: usize = 256 << 10;
/// Characters of the id of a request, and of a user's name.
pub const REQUEST_ID: usize = 128;
