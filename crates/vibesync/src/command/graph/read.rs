//! What a command reads: a text of bounded length, and the catalogue of a Blender.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::Path;

use vibesync_graph::{Catalogue, CatalogueError, MAX_TEXT_BYTES, catalogue};
use vibesync_scene::Code;

use crate::args::OfBlender;
use crate::error::Error;

/// Most bytes of a generated catalogue: a real one has fewer than two million.
const CATALOGUE: u64 = 64 << 20;

/// The bytes of a file, or of what comes in where it is named `-`. Of one that is too long no more is read than shows that.
pub(super) fn text(file: &Path) -> Result<Vec<u8>, Error> {
    let longest = MAX_TEXT_BYTES as u64 + 1;
    match file.as_os_str() == "-" {
        true => all(
            std::io::stdin().lock(),
            longest,
            file,
            Code::GraphUnreadable,
        ),
        false => all(
            open(file, Code::GraphUnreadable)?,
            longest,
            file,
            Code::GraphUnreadable,
        ),
    }
}

/// The next line of what comes in, without its end; none where nothing more comes.
pub(super) fn line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, Error> {
    let mut line = Vec::new();
    let mut bounded = input.take(MAX_TEXT_BYTES as u64 + 1);
    let read = bounded.read_until(b'\n', &mut line);
    read.map_err(|error| Error::io(Code::GraphUnreadable, Path::new("-"), "read", &error))?;
    match line.is_empty() {
        true => Ok(None),
        false => {
            line.truncate(line.trim_ascii_end().len());
            Ok(Some(line))
        }
    }
}

/// The catalogue that is asked for.
pub(super) fn catalogue(of: &OfBlender) -> Result<Catalogue, Error> {
    let Some(folder) = &of.catalogue else {
        let known = catalogue::embedded(&of.blender);
        let refused = |error: &CatalogueError| {
            Error::new(Code::CatalogueUnusable, &error.location, &*error.message)
        };
        return match known {
            Some(read) => read.map_err(|error| refused(&error)),
            None => {
                let versions = catalogue::VERSIONS.join(", ");
                let message = format!(
                    "it is none of {versions}; make one with scripts/gen-catalogue, and name its folder with --catalogue"
                );
                Err(Error::new(Code::CatalogueUnusable, &of.blender, message))
            }
        };
    };
    let part = |name: &str| {
        let path = folder.join(name);
        let bytes = all(
            open(&path, Code::CatalogueUnusable)?,
            CATALOGUE,
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
    File::open(path).map_err(|error| Error::io(code, path, "open", &error))
}

fn all(from: impl Read, most: u64, path: &Path, code: Code) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = from.take(most).read_to_end(&mut bytes);
    read.map_err(|error| Error::io(code, path, "read", &error))?;
    Ok(bytes)
}
