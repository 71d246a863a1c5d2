//! How much is read. Whatever is larger is refused at the place where it becomes so, before it costs memory or time.

/// Bytes of a text.
pub const BYTES: usize = 8 << 20;
/// Nesting of JSON; a graph needs six.
pub const DEPTH: usize = 16;
/// Values in a JSON text: what it may cost in memory, as an empty list is two bytes here and a hundred there.
pub const VALUES: usize = 500_000;
/// Nodes of a graph.
pub const NODES: usize = 10_000;
/// Links of a graph.
pub const LINKS: usize = 50_000;
/// Sockets of the group's interface, and items of a node: each link looks through all of them.
pub const SOCKETS: usize = 1_000;
/// Frames of a graph.
pub const FRAMES: usize = 2_000;
/// Characters of an id or a name: what Blender keeps of one is 63 bytes.
pub const NAME: usize = 63;
