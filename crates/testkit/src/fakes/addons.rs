//! Add-ons of a fake editor: their manifests, the list that the editor sends, and its answers to calls.

use serde_json::{Value, json};
use vibesync_capability::digest;
use vibesync_protocol::auth::GrantKey;
use vibesync_protocol::{AddonList, CommandResponse, EditorCommand, ReportedAddon};
use vibesync_scene::OperationId;

/// The secret of the tests' user.
pub fn grant_key() -> GrantKey {
    // The text has the right form.
    GrantKey::parse(&"5e".repeat(32)).unwrap_or_else(|| unreachable!())
}

/// An add-on with the tools `make_stone` (size, color, near an object) and `count_stones`.
#[derive(Clone, Debug)]
pub struct FakeAddon {
    /// Its manifest.
    pub manifest: Value,
    /// Stands for the content of its files.
    pub code: String,
    /// Whether the editor runs it.
    pub enabled: bool,
}

impl FakeAddon {
    /// Makes the add-on `stone_maker`.
    pub fn new() -> Self {
        Self::with_id("stone_maker")
    }

    /// Makes an add-on with this id.
    pub fn with_id(id: &str) -> Self {
        let parameter = |name: &str, kind: &str| json!({"name": name, "type": kind, "description": "A value.", "required": false});
        let size = json!({
            "name": "size", "type": "float", "description": "In meters.", "required": false,
            "default": 1.0, "min": 0.1, "max": 10.0,
        });
        let make = json!({
            "name": "make_stone",
            "description": "Makes a stone.",
            "usage": "When a stone is wanted.",
            "parameters": [size, parameter("color", "color"), parameter("near", "object_name")],
            "examples": ["Add a stone"],
            "destructive": false,
        });
        let count = json!({
            "name": "count_stones",
            "description": "Counts the stones.",
            "usage": "When their number is wanted.",
            "read_only": true,
        });
        let info = json!({
            "id": id,
            "name": "Stone Maker",
            "version": "1.2.0",
            "author": "Ada",
            "category": "modeling",
            "description": "Makes stones.",
        });
        Self {
            manifest: json!({
                "addon_info": info,
                "ai_integration": {
                    "agent_description": "Makes stones of any size.",
                    "tools": [make, count],
                    "context_hints": ["Stones stand on the ground."],
                    "requirements": {"depends_on": [], "conflicts_with": []},
                },
            }),
            code: "version one".into(),
            enabled: true,
        }
    }

    /// Returns its id.
    pub fn id(&self) -> &str {
        let id = self.manifest.pointer("/addon_info/id");
        id.and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the digest of its manifest.
    pub fn manifest_sha256(&self) -> String {
        digest(&self.manifest.to_string())
    }

    /// Returns the digest of its files.
    pub fn code_sha256(&self) -> String {
        digest(&self.code)
    }

    fn report(&self) -> ReportedAddon {
        let tools = self.manifest.pointer("/ai_integration/tools");
        let tools = tools.and_then(Value::as_array);
        let tools = tools.into_iter().flatten();
        let names = tools.filter_map(|tool| tool.get("name")?.as_str());
        ReportedAddon {
            module: format!("addons.{}", self.id()),
            folder: format!("/addons/{}", self.id()),
            enabled: self.enabled,
            manifest: Some(self.manifest.to_string()),
            manifest_sha256: Some(self.manifest_sha256()),
            code_sha256: Some(self.code_sha256()),
            files: 2,
            declared: names.map(str::to_owned).collect(),
            problem: None,
        }
    }
}

impl Default for FakeAddon {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the list of add-ons of an editor, in one part.
pub fn addon_list(addons: &[FakeAddon]) -> AddonList {
    let enabled = addons.iter().filter(|addon| addon.enabled);
    AddonList {
        addons: addons.iter().map(FakeAddon::report).collect(),
        enabled_addons: enabled
            .map(|addon| format!("addons.{}", addon.id()))
            .collect(),
        editor_version: "4.5.3".into(),
        last: true,
    }
}

/// Returns a successful answer to a call.
pub fn success(command: &EditorCommand, operation_id: Option<OperationId>) -> CommandResponse {
    CommandResponse {
        request_id: command.request_id,
        addon_id: command.addon_id.clone(),
        command: command.command.clone(),
        result: json!({"status": "success", "message": "Made a stone.", "data": {"stones": 1}}),
        code: None,
        operation_id,
        output: String::new(),
        elapsed_ms: 5,
        taken_back: false,
        not_synced: Vec::new(),
    }
}
