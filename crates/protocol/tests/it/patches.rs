//! The golden vectors of patches, which Rust, Python and C# share.

use serde_json::{Value, json};
use vibesync_scene::apply_patch;

use crate::check_kept;

/// The words of the buffer that each patch changes.
const BASE: [u32; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the buffer after a patch; null if the patch does not fit.
fn result(patch: &[u32]) -> Value {
    let mut buffer = bytes(&BASE);
    match apply_patch(&mut buffer, &bytes(patch)) {
        Ok(()) => hex(&buffer).into(),
        Err(_) => Value::Null,
    }
}

#[test]
fn patches_match_the_golden_vectors() {
    let patches: [(&str, &[u32]); 12] = [
        ("nothing", &[0]),
        ("first word", &[1, 0, 1, 90]),
        ("last words", &[1, 10, 2, 90, 91]),
        ("two ranges", &[2, 1, 2, 9, 1, 90, 91, 92]),
        ("all words of a float", &[1, 4, 1, 0x7F80_0000]),
        ("no number of ranges", &[]),
        ("shorter than its table", &[2, 0, 1, 90]),
        ("shorter than its ranges", &[1, 0, 2, 90]),
        ("longer than its ranges", &[1, 0, 1, 90, 91]),
        ("empty range", &[1, 3, 0]),
        ("ranges that do not ascend", &[2, 4, 1, 3, 1, 90, 91]),
        ("range outside the buffer", &[1, 11, 2, 90, 91]),
    ];
    let vectors = patches.map(
        |(name, patch)| json!({"name": name, "patch": hex(&bytes(patch)), "result": result(patch)}),
    );
    check_kept(
        "tests/golden/patches.json",
        &json!({"base": hex(&bytes(&BASE)), "patches": vectors}),
    );
}
