//! Corrects a graph where only one correction is possible. Each kind of correction has a module, and says what it did.

mod aliases;
mod convert;
mod correct;
mod duplicates;
mod edit;
mod join;
mod record;

pub use correct::{Fixed, fix, fix_text};
pub use record::Fix;
