//! The catalogues that are embedded in the program.

use std::sync::OnceLock;

use super::error::CatalogueError;
use super::index::Catalogue;

/// Embeds `nodes.json` and `socket_compat.csv` of each version.
macro_rules! texts {
    ($($version:literal),+) => {
        /// The versions of Blender with an embedded catalogue, oldest first.
        pub const VERSIONS: &[&str] = &[$($version),+];

        const TEXTS: &[(&str, &str)] = &[$((
            include_str!(concat!("../../catalogues/", $version, "/nodes.json")),
            include_str!(concat!("../../catalogues/", $version, "/socket_compat.csv")),
        )),+];
    };
}

texts!("4.2", "4.5", "5.0");

/// Returns the index in [`VERSIONS`] for a version like `4.5` or `4.5.15`; `None` if it has no embedded catalogue.
pub fn version_index(version: &str) -> Option<usize> {
    VERSIONS.iter().position(|known| {
        let rest = version.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Reads the catalogue of a version; `None` if it has no embedded one.
pub fn embedded(version: &str) -> Option<Result<Catalogue, CatalogueError>> {
    let (nodes, compat) = TEXTS.get(version_index(version)?)?;
    Some(Catalogue::read(nodes, compat))
}

/// Returns the same, but reads each catalogue only once in the lifetime of the process.
pub fn shared(version: &str) -> Option<Result<&'static Catalogue, &'static CatalogueError>> {
    static CACHE: [OnceLock<Result<Catalogue, CatalogueError>>; TEXTS.len()] =
        [const { OnceLock::new() }; TEXTS.len()];
    let index = version_index(version)?;
    let (nodes, compat) = TEXTS.get(index)?;
    let cached = CACHE.get(index)?;
    Some(
        cached
            .get_or_init(|| Catalogue::read(nodes, compat))
            .as_ref(),
    )
}
