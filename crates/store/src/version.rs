//! Versions of formats, read before anything else of a file: a newer one may say the rest in another way.

use serde::Deserialize;

use crate::wal::Defect;

#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

/// Whether JSON says that it is of a newer version than is `known`. What says no version is for its parser to judge.
pub(crate) fn newer(json: &[u8], known: u32) -> Option<Defect> {
    let Versioned {
        schema_version: found,
    } = serde_json::from_slice(json).ok()?;
    (found > known).then_some(Defect::Newer { found, known })
}
