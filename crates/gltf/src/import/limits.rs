//! Limits of an import: a small file must not ask for much memory or time.

use vibesync_scene::{Code, Invalid};

/// Largest document in bytes, most objects in it, and most values. A JSON object in memory takes some hundred bytes.
const MOST_JSON: usize = 256 << 20;
const MOST_JSON_OBJECTS: usize = 1 << 20;
const MOST_JSON_VALUES: usize = 8 << 20;

/// Largest content of one entity in bytes: it travels in one frame.
pub(super) const MOST_ENTITY: usize = 240 << 20;

/// Most bytes of meshes and images together: this, and at most so much for files of this size and each byte in them.
const MOST_TOTAL: usize = 2 << 30;
const SMALL_FILE: usize = 64 << 20;
const PER_BYTE: usize = 256;

/// Checks the size of a document before it is parsed. Counts signs also in texts: that is too many at most.
pub(super) fn check_document(json: &[u8]) -> Result<(), Invalid> {
    let (mut objects, mut values) = (0, 1);
    for byte in json {
        match byte {
            b'{' => (objects, values) = (objects + 1, values + 1),
            b'[' | b',' => values += 1,
            _ => {}
        }
    }
    let sizes = [
        (json.len(), MOST_JSON, "bytes"),
        (objects, MOST_JSON_OBJECTS, "objects"),
        (values, MOST_JSON_VALUES, "values"),
    ];
    match sizes.into_iter().find(|(size, most, _)| size > most) {
        Some((size, most, unit)) => {
            let message = format!("it has {size} {unit}; at most {most} are read");
            Err(Invalid::new(Code::GltfInvalid, "document", message))
        }
        None => Ok(()),
    }
}

/// The bytes that are made so far, and those that were read.
pub(super) struct Budget {
    made: usize,
    read: usize,
}

impl Budget {
    /// The budget of a file with this many bytes.
    pub fn new(file: usize) -> Self {
        Self {
            made: 0,
            read: file,
        }
    }

    /// Counts the bytes of another file.
    pub fn add_read(&mut self, bytes: usize) {
        self.read = self.read.saturating_add(bytes);
    }

    /// Takes bytes for something that is about to be made; fails if it would be too much.
    pub fn take(&mut self, bytes: usize, location: &str) -> Result<(), Invalid> {
        self.made = self.made.saturating_add(bytes);
        let most = SMALL_FILE.saturating_add(self.read.saturating_mul(PER_BYTE));
        let most = most.min(MOST_TOTAL);
        let too_much = |what: &str, most: usize| {
            let message = format!("{what} more than {} MiB", most >> 20);
            Err(Invalid::new(Code::GltfInvalid, location, message))
        };
        if bytes > MOST_ENTITY {
            return too_much("it needs", MOST_ENTITY);
        }
        match self.made > most {
            true => too_much("the meshes and images of a file of this size need", most),
            false => Ok(()),
        }
    }
}
