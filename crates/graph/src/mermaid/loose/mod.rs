//! Reads sketches in the loose forms that language models write, into a draft.
//!
//! The header can be any or none, and a fence can be around the sketch. Nodes have any shape, and links any arrow.
//! `&` stands between several nodes, `;` between statements. A label names one socket, both or none.

mod arrow;
mod frame;
mod label;
mod lines;
mod read;
mod shape;
mod statement;

pub(crate) use read::read_loose;
