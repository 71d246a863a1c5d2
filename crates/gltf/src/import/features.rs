//! Extensions, skins and animations: those that a file needs and the import lacks refuse it, the others are noted.

use serde_json::Value;
use vibesync_scene::Invalid;

use super::extension;
use super::place::Place;
use super::work::{Work, name};
use crate::notes::ImportNote;

/// Checks the version of the document, and that it needs no extension that is not read.
pub(super) fn check(root: &Place<'_>) -> Result<(), Invalid> {
    let version = root.field("asset").field("version");
    if !version.text()?.is_some_and(|text| text.starts_with("2.")) {
        return Err(version.error("glTF 2.0 is expected"));
    }
    for place in root.field("extensionsRequired").items()? {
        let name = place.text()?.unwrap_or_default();
        if !extension::ALL.contains(&name) {
            return Err(place.error(format!("the file needs the extension {name}")));
        }
    }
    Ok(())
}

impl<'a> Work<'a, '_> {
    /// Notes what is left out of the document as a whole.
    pub fn note_features(&mut self) -> Result<(), Invalid> {
        let root = self.root.clone();
        for animation in root.field("animations").items()? {
            let name = name(&animation, animation.path())?;
            self.made.notes.add(ImportNote::Animation, &name);
        }
        for (list, items) in root.fields()? {
            match items.value() {
                Some(Value::Array(values)) => {
                    for (i, value) in values.iter().enumerate() {
                        self.note_extensions(value, &format!("{list}[{i}]"));
                    }
                }
                Some(value) => self.note_extensions(value, list),
                None => {}
            }
        }
        Ok(())
    }

    /// Notes the extensions in a value. Its depth is bounded by the parser.
    fn note_extensions(&mut self, value: &Value, path: &str) {
        match value {
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.note_extensions(item, path)),
            Value::Object(fields) => {
                for (key, field) in fields {
                    match (key.as_str(), field) {
                        ("extensions", Value::Object(used)) => {
                            let unknown = used
                                .keys()
                                .filter(|name| !extension::ALL.contains(&name.as_str()));
                            for name in unknown {
                                self.note(ImportNote::Extension(name.clone()), path);
                            }
                        }
                        // The data of programs, which may have any form.
                        ("extras", _) => {}
                        _ => self.note_extensions(field, path),
                    }
                }
            }
            _ => {}
        }
    }
}
