//! Looks through an editor's viewport, and its selection: who may ask, and what happens to a request.

mod admission;
mod ends;
mod stage;
