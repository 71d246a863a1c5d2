//! Writes random scenes as glTF files: `vibesync-scenes FOLDER SEEDS [characters]`. Beside each `SEED.glb` it writes
//! `SEED.json`, the scene as plain numbers, for readers that share no code with the export. With `characters`, the scenes have
//! meshes that shape keys, armatures and actions move.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use vibesync_scene::{BlobId, Code, Invalid};
use vibesync_store::durable;
use vibesync_testkit::scenes::{self, RandomScene};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let folder = words.next();
    let seeds = words.next().and_then(|text| text.parse().ok());
    let make = match words.next().as_deref() {
        None => Some(scenes::generate as Make),
        Some("characters") => Some(scenes::generate_characters as Make),
        Some(_) => None,
    };
    let (Some(folder), Some(seeds), Some(make)) = (folder, seeds, make) else {
        let usage = "usage: vibesync-scenes FOLDER SEEDS [characters]";
        let _ = writeln!(io::stderr(), "{usage}");
        return ExitCode::from(2);
    };
    for seed in 1..=seeds {
        if let Err(why) = write(folder.as_ref(), seed, make) {
            let _ = writeln!(io::stderr(), "seed {seed}: {why}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Makes the scene of a seed.
type Make = fn(u64) -> RandomScene;

fn write(folder: &Path, seed: u64, make: Make) -> Result<(), String> {
    let RandomScene { entities, blobs } = make(seed);
    let mut read = |blob| read(&blobs, blob);
    let export = vibesync_gltf::export(&entities, "VibeSync", &mut read);
    let export = export.map_err(|error| format!("{error:?}"))?;
    let plain = scenes::plain(&entities, &mut |blob| blobs.get(&blob).cloned());
    let plain = plain.to_string();
    let written = durable::write(&folder.join(format!("{seed}.glb")), &export.file);
    let also = durable::write(&folder.join(format!("{seed}.json")), plain.as_bytes());
    written.and(also).map_err(|error| error.to_string())
}

fn read(blobs: &BTreeMap<BlobId, Vec<u8>>, blob: BlobId) -> Result<Vec<u8>, Invalid> {
    let bytes = blobs.get(&blob).cloned();
    bytes.ok_or_else(|| Invalid::new(Code::BlobDamaged, blob.to_string(), "it is missing"))
}
