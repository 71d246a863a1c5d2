//! Reads the input of a command: a text of bounded length, and the catalogue of a Blender version.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::Path;

use vibesync_graph::{Catalogue, CatalogueError, MAX_TEXT_BYTES, catalogue};
use vibesync_scene::Code;

use crate::cli::graph_args::BlenderTarget;
use crate::error::Error;

/// Maximum size of a generated catalogue in bytes. Real ones have fewer than two million.
const MAX_CATALOGUE: u64 = 64 << 20;

/// Reads a file, or stdin if the file is `-`. Stops one byte behind the maximum length, so that the check can fail.
pub(super) fn text(file: &Path) -> Result<Vec<u8>, Error> {
    let longest = MAX_TEXT_BYTES as u64 + 1;
    match file.as_os_str() == "-" {
        true => read_bounded(
            std::io::stdin().lock(),
            longest,
            file,
            Code::GraphUnreadable,
        ),
        false => read_bounded(
            open(file, Code::GraphUnreadable)?,
            longest,
            file,
            Code::GraphUnreadable,
        ),
    }
}

/// Reads the next line without its end; returns none at the end of the input.
pub(super) fn line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, Error> {
    let mut line = Vec::new();
    let mut bounded = input.take(MAX_TEXT_BYTES as u64 + 1);
    let read = bounded.read_until(b'\n', &mut line);
    read.map_err(|error| Error::io(Code::GraphUnreadable, Path::new("-"), "read", error))?;
    match line.is_empty() {
        true => Ok(None),
        false => {
            line.truncate(line.trim_ascii_end().len());
            Ok(Some(line))
        }
    }
}

/// Reads the catalogue of the Blender version that the arguments name.
pub(super) fn catalogue(target: &BlenderTarget) -> Result<Catalogue, Error> {
    let Some(folder) = &target.catalogue else {
        let known = catalogue::embedded(&target.blender);
        let refused = |error: &CatalogueError| {
            Error::new(Code::CatalogueUnusable, &error.location, &*error.message)
        };
        return match known {
            Some(read) => read.map_err(|error| refused(&error)),
            None => {
                let versions = catalogue::VERSIONS.join(", ");
                let message = format!(
                    "no catalogue for this version, only for {versions}; create one with scripts/gen-catalogue and pass its folder as --catalogue"
                );
                Err(Error::new(
                    Code::CatalogueUnusable,
                    &target.blender,
                    message,
                ))
            }
        };
    };
    let part = |name: &str| {
        let path = folder.join(name);
        let bytes = read_bounded(
            open(&path, Code::CatalogueUnusable)?,
            MAX_CATALOGUE,
            &path,
            Code::CatalogueUnusable,
        )?;
        String::from_utf8(bytes)
            .map_err(|_| Error::new(Code::CatalogueUnusable, path.display(), "it is not UTF-8"))
    };
    Catalogue::read(&part("nodes.json")?, &part("socket_compat.csv")?).map_err(|error| {
        let place = folder.join(&error.location);
        Error::new(Code::CatalogueUnusable, place.display(), error.message)
    })
}

fn open(path: &Path, code: Code) -> Result<File, Error> {
    File::open(path).map_err(|error| Error::io(code, path, "open", error))
}

fn read_bounded(from: impl Read, limit: u64, path: &Path, code: Code) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = from.take(limit).read_to_end(&mut bytes);
    read.map_err(|error| Error::io(code, path, "read", error))?;
    Ok(bytes)
}
