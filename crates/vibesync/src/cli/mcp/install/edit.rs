//! Changes the text of a client's file: adds one server to its list, or takes it out. All else stays as it is.

use super::clients::{Client, Format};
use super::entry::{Entry, Malformed};
use super::{json, toml};

/// Adds or replaces an entry, or removes it for none. Returns the new text.
pub fn edit(
    client: Client,
    text: &str,
    name: &str,
    entry: Option<&Entry>,
) -> Result<String, Malformed> {
    let (mark, content) = match text.strip_prefix('\u{feff}') {
        Some(content) => ("\u{feff}", content),
        None => ("", text),
    };
    let changed = match client.format() {
        Format::Json { has_comments } => json::edit(client, has_comments, content, name, entry)?,
        Format::Toml => toml::edit(client.list(), content, name, entry)?,
    };
    Ok(format!("{mark}{}", with_line_ends_of(content, changed)))
}

/// Gives new lines the ends that all lines had before.
fn with_line_ends_of(before: &str, changed: String) -> String {
    let all = before.matches('\n').count();
    match all > 0 && before.matches("\r\n").count() == all {
        true => changed.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            command: r"C:\Program Files\vibesync.exe".into(),
            args: vec!["mcp".into(), "--project".into(), "/home/ada/\"r\"".into()],
        }
    }

    fn add(client: Client, text: &str) -> Result<String, Malformed> {
        edit(client, text, "vibesync", Some(&entry()))
    }

    fn remove(client: Client, text: &str) -> String {
        edit(client, text, "vibesync", None).unwrap()
    }

    fn value(text: &str) -> serde_json::Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn missing_or_empty_file_gets_a_list_with_the_entry() {
        for text in ["", " \n\n"] {
            let made = value(&add(Client::Cursor, text).unwrap());
            let entry = entry();
            let expected = serde_json::json!({"mcpServers": {"vibesync": {"command": entry.command, "args": entry.args}}});
            assert_eq!(made, expected);
            let made = value(&add(Client::Vscode, text).unwrap());
            assert_eq!(made["servers"]["vibesync"]["type"], "stdio");
            let made = add(Client::Codex, text).unwrap();
            assert!(made.contains("[mcp_servers.vibesync]\n"), "{made}");
        }
    }

    #[test]
    fn other_entries_and_comments_stay_as_they_are() {
        let vscode = "// mine\n{\n\t\"inputs\": [], // none\n\t\"servers\": {\n\t\t/* first */ \"a\": { \"command\": \"x\" },\n\t},\n}\n";
        let with = add(Client::Vscode, vscode).unwrap();
        for line in vscode.lines() {
            assert!(with.contains(line), "{line}: {with}");
        }
        assert!(with.contains("\n\t\t\"vibesync\": {\n"), "{with}");
        assert_eq!(remove(Client::Vscode, &with), vscode);
        let codex =
            "model = \"o\"   # mine\n\n[mcp_servers.a]\ncommand = 'x'  # first\n\n[tui]\nx = 1\n";
        let with = add(Client::Codex, codex).unwrap();
        for line in codex.lines() {
            assert!(with.contains(line), "{line}: {with}");
        }
        assert_eq!(remove(Client::Codex, &with), codex);
        let claude = "{\"mcpServers\":{\"a\":{\"command\":\"x\"}},\"n\":1e2}";
        let with = add(Client::Claude, claude).unwrap();
        assert!(with.contains("\"a\":{\"command\":\"x\"}"), "{with}");
        assert!(with.contains("\"n\":1e2"), "{with}");
        assert_eq!(value(&remove(Client::Claude, &with)), value(claude));
    }

    #[test]
    fn own_entry_is_replaced_and_keeps_what_people_added() {
        let old =
            r#"{"mcpServers": {"vibesync": {"command": "old", "args": ["x"], "env": {"A": "1"}}}}"#;
        let made = value(&add(Client::Claude, old).unwrap());
        assert_eq!(made["mcpServers"]["vibesync"]["env"]["A"], "1");
        assert_eq!(made["mcpServers"]["vibesync"]["command"], entry().command);
        assert_eq!(made["mcpServers"]["vibesync"]["args"][0], "mcp");
        let old = "[mcp_servers.vibesync]\ncommand = \"old\"\nstartup_timeout_sec = 9 # slow\n";
        let made = add(Client::Codex, old).unwrap();
        assert!(made.contains("startup_timeout_sec = 9 # slow"), "{made}");
        assert!(
            !made.contains("old") && made.contains("--project"),
            "{made}"
        );
        for client in [
            Client::Claude,
            Client::ClaudeCode,
            Client::Vscode,
            Client::Codex,
        ] {
            let once = add(client, "").unwrap();
            assert_eq!(add(client, &once).unwrap(), once, "{client:?}");
        }
    }

    #[test]
    fn absent_entry_is_removed_without_a_change() {
        for text in ["", "{}", "{\"mcpServers\": {\"a\": {}}}"] {
            assert_eq!(remove(Client::Claude, text), text);
        }
        for text in ["", "a = 1\n", "[mcp_servers]\n"] {
            assert_eq!(remove(Client::Codex, text), text);
        }
    }

    #[test]
    fn line_ends_and_byte_order_mark_are_kept() {
        for (client, text) in [
            (Client::Claude, "\u{feff}{\r\n  \"a\": 1\r\n}\r\n"),
            (Client::Codex, "\u{feff}a = 1\r\n\r\n[b]\r\nc = 2\r\n"),
        ] {
            let with = add(client, text).unwrap();
            assert!(with.starts_with('\u{feff}'));
            assert_eq!(
                with.matches('\n').count(),
                with.matches("\r\n").count(),
                "{with:?}"
            );
            assert!(with.matches('\n').count() > text.matches('\n').count());
        }
    }

    #[test]
    fn malformed_file_is_refused_with_its_place() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let cases = [
            (Client::Claude, "{\n  \"a\": 1,\n}", (3, 1)),
            (Client::Claude, "{ // mine\n}", (1, 3)),
            (Client::Claude, "{} {}", (1, 4)),
            (Client::Claude, "{\"a\" 1}", (1, 6)),
            (Client::Vscode, "{\n'a': 1}", (2, 1)),
            (Client::Vscode, "{\"a\": 1", (1, 1)),
            (Client::Cursor, &deep, (1, 513)),
            (Client::Vscode, &deep, (1, 513)),
            (Client::Codex, "a = 1\nb = \n", (2, 5)),
            (Client::Codex, "a = 1\na = 2\n", (2, 1)),
        ];
        for (client, text, _) in cases {
            assert!(edit(client, text, "vibesync", None).is_err());
        }
        let places = cases.map(|(client, text, _)| add(client, text).unwrap_err().place.unwrap());
        assert_eq!(places, cases.map(|(_, _, place)| place));
    }

    #[test]
    fn other_shapes_are_refused_with_the_key() {
        for (client, text, key) in [
            (Client::Claude, "[]", "file"),
            (Client::Claude, "1", "file"),
            (Client::Claude, "{\"mcpServers\": []}", "mcpServers"),
            (
                Client::Claude,
                "{\"mcpServers\": {\"vibesync\": 1}}",
                "vibesync",
            ),
            (
                Client::Claude,
                "{\"mcpServers\": {}, \"mcpServers\": {}}",
                "mcpServers",
            ),
            (
                Client::Cursor,
                "{\"mcpServers\": {\"vibesync\": {\"url\": \"x\"}}}",
                "--name",
            ),
            (Client::Codex, "mcp_servers = 1\n", "mcp_servers"),
            (Client::Codex, "[mcp_servers]\nvibesync = 1\n", "vibesync"),
            (
                Client::Codex,
                "[mcp_servers.vibesync]\nurl = \"x\"\n",
                "--name",
            ),
        ] {
            let refused = add(client, text).unwrap_err();
            assert_eq!(refused.place, None, "{text}");
            assert!(refused.message.contains(key), "{text}: {refused:?}");
        }
        let inline = "mcp_servers = { a = { command = \"x\" } }\n";
        let with = add(Client::Codex, inline).unwrap();
        assert!(with.contains("a = { command = \"x\" }"), "{with}");
        assert!(with.parse::<toml_edit::DocumentMut>().is_ok(), "{with}");
    }
}
