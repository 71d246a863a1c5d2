//! The catalogues that come with the program.

use std::sync::OnceLock;

use super::{Catalogue, CatalogueError};

/// `nodes.json` and `socket_compat.csv` of a version.
macro_rules! texts {
    ($($version:literal),+) => {
        /// The versions of Blender whose catalogues come with the program, the newest last.
        pub const VERSIONS: &[&str] = &[$($version),+];

        const TEXTS: &[(&str, &str)] = &[$((
            include_str!(concat!("../../catalogues/", $version, "/nodes.json")),
            include_str!(concat!("../../catalogues/", $version, "/socket_compat.csv")),
        )),+];
    };
}

texts!("4.2", "4.5", "5.0");

/// Where in [`VERSIONS`] the one is that a version belongs to, `4.5` or `4.5.15`; none where none comes with the program.
pub fn version_index(version: &str) -> Option<usize> {
    VERSIONS.iter().position(|known| {
        let rest = version.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The catalogue of a version; none where it does not come with the program.
pub fn embedded(version: &str) -> Option<Result<Catalogue, CatalogueError>> {
    let (nodes, compat) = TEXTS.get(version_index(version)?)?;
    Some(Catalogue::read(nodes, compat))
}

/// The same, read once for as long as the program runs.
pub fn shared(version: &str) -> Option<Result<&'static Catalogue, &'static CatalogueError>> {
    static READ: [OnceLock<Result<Catalogue, CatalogueError>>; TEXTS.len()] =
        [const { OnceLock::new() }; TEXTS.len()];
    let place = version_index(version)?;
    let (nodes, compat) = TEXTS.get(place)?;
    let kept = READ.get(place)?;
    Some(kept.get_or_init(|| Catalogue::read(nodes, compat)).as_ref())
}
