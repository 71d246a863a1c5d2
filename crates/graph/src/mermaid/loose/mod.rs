//! Reads sketches in the loose forms that language models write, into a draft.
//!
//! Read are: any header or none, a fence around the sketch, all shapes of nodes and kinds of arrows, several nodes with
//! `&`, several statements in a line, labels that name one socket, both or none.

mod arrow;
mod frame;
mod label;
mod lines;
mod read;
mod shape;
mod statement;

pub(crate) use read::read_loose;
