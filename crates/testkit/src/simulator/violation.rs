//! A broken invariant.

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant.
    pub invariant: &'static str,
    /// The state that breaks it.
    pub found: String,
}

/// Success, or the broken invariant.
pub type Check = Result<(), Violation>;

/// Checks one condition of an invariant.
pub fn must(holds: bool, invariant: &'static str, found: impl FnOnce() -> String) -> Check {
    match holds {
        true => Ok(()),
        false => Err(Violation {
            invariant,
            found: found(),
        }),
    }
}
