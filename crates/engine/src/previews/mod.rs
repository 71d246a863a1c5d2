//! Previews: what a person does in one editor is shown in the other one meanwhile. They decide nothing.

pub(crate) mod check;
pub(crate) mod relay;
pub(crate) mod state;
