//! Any bytes as `addon_ai.json` cause no panic. An accepted manifest is printed and read back, and its texts stay bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vibesync_capability::{agent_context, input_schema, read, tool_description};

fuzz_target!(|bytes: &[u8]| {
    let manifest = match read(bytes) {
        Ok(accepted) => accepted.manifest,
        Err(refused) => {
            assert!(!refused.errors.is_empty());
            return;
        }
    };
    let printed = manifest.to_json().to_string();
    let again = read(printed.as_bytes()).expect("what is printed can be read");
    assert_eq!(again.manifest, manifest);
    assert!(agent_context([&manifest]).len() <= vibesync_capability::limits::CONTEXT);
    for tool in &manifest.ai_integration.tools {
        assert!(input_schema(tool).is_object());
        assert!(!tool_description(tool).is_empty());
    }
});
