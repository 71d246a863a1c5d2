//! The catalogues that come with the program.

use super::{Catalogue, CatalogueError};

/// `nodes.json` and `socket_compat.csv` of a version.
macro_rules! texts {
    ($($version:literal),+) => {
        /// The versions of Blender whose catalogues come with the program, the newest last.
        pub const VERSIONS: &[&str] = &[$($version),+];

        const TEXTS: &[(&str, &str, &str)] = &[$((
            $version,
            include_str!(concat!("../../catalogues/", $version, "/nodes.json")),
            include_str!(concat!("../../catalogues/", $version, "/socket_compat.csv")),
        )),+];
    };
}

texts!("4.2", "4.5", "5.0");

/// The catalogue of a version, `4.5` or `4.5.15`; none where it does not come with the program.
pub fn embedded(version: &str) -> Option<Result<Catalogue, CatalogueError>> {
    let of = |known: &str| {
        let rest = version.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let (_, nodes, compat) = TEXTS.iter().find(|(known, ..)| of(known))?;
    Some(Catalogue::read(nodes, compat))
}
