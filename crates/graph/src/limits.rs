//! Limits of a graph. Reading stops with an error at the position that exceeds a limit, before it costs memory or time.

/// Bytes of a text.
pub const BYTES: usize = 8 << 20;
/// Levels of nested JSON values; a graph needs six.
pub const DEPTH: usize = 16;
/// Values in a JSON text. This bounds memory: an empty list has two bytes in the text and a hundred in memory.
pub const VALUES: usize = 500_000;
/// Nodes of a graph.
pub const NODES: usize = 10_000;
/// Links of a graph.
pub const LINKS: usize = 50_000;
/// Sockets of the group's interface, and items of a node: each link searches all of them.
pub const SOCKETS: usize = 1_000;
/// Frames of a graph.
pub const FRAMES: usize = 2_000;
/// Bytes of an id or a name; Blender cuts longer ones off.
pub const NAME: usize = 63;
