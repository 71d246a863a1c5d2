//! The catalogues that come with the program.

use std::sync::OnceLock;

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
    let (_, texts) = find(version)?;
    Some(read(texts))
}

/// The same, read once for as long as the program runs.
pub fn shared(version: &str) -> Option<Result<&'static Catalogue, &'static CatalogueError>> {
    static READ: [OnceLock<Result<Catalogue, CatalogueError>>; TEXTS.len()] =
        [const { OnceLock::new() }; TEXTS.len()];
    let (place, texts) = find(version)?;
    let kept = READ.get(place)?;
    Some(kept.get_or_init(|| read(texts)).as_ref())
}

type Texts = (&'static str, &'static str, &'static str);

fn find(version: &str) -> Option<(usize, &'static Texts)> {
    let of = |known: &str| {
        let rest = version.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut texts = TEXTS.iter().enumerate();
    texts.find(|(_, (known, ..))| of(known))
}

fn read((_, nodes, compat): &Texts) -> Result<Catalogue, CatalogueError> {
    Catalogue::read(nodes, compat)
}
