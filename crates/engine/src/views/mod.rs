//! Looks through an editor's viewport, and its selection: admission, the way to the editor, and the answer.
//!
//! A request is [admitted](admit) or refused at once. An editor has one at a time; others wait. Each ends with the
//! editor's answer, a time limit, or a lost editor. Nothing of this is scene: the log only tells who got a picture.

pub(crate) mod admit;
pub(crate) mod answers;
pub(crate) mod picture;
pub(crate) mod state;
