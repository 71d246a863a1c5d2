//! JSON as people and programs write it: each value with its position in the text, repeated keys kept, depth, size and
//! number of values bounded before they cost memory. Pure: no I/O.

mod position;
mod tree;

pub use position::Position;
pub use tree::{Json, Kind, Limits, Member, SyntaxError, decode_utf8, parse, parse_at, quote};
