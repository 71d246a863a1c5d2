//! The clients: the place and the form of the file in which each lists its servers.

use std::path::PathBuf;

use vibesync_protocol::discovery::Os;

/// A client whose settings are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Client {
    /// Claude Desktop
    Claude,
    /// Claude Code, in all your projects
    ClaudeCode,
    /// Cursor, in all your projects
    Cursor,
    /// Visual Studio Code, in its default profile
    Vscode,
    /// Codex: command line, extension and app
    Codex,
}

/// The form of a client's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json {
        /// Whether it may have comments and trailing commas.
        has_comments: bool,
    },
    /// TOML.
    Toml,
}

/// The facts of the environment that the place of a file depends on.
pub struct Places<'a> {
    /// The operating system.
    pub os: Os,
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Names of the folders of packaged programs in `%LOCALAPPDATA%\Packages`.
    pub packages: &'a [String],
}

impl Client {
    /// Returns the form of the client's file.
    pub fn format(self) -> Format {
        match self {
            Self::Codex => Format::Toml,
            Self::Vscode => Format::Json { has_comments: true },
            _ => Format::Json {
                has_comments: false,
            },
        }
    }

    /// Returns the key of the list of servers.
    pub fn list(self) -> &'static str {
        match self {
            Self::Vscode => "servers",
            Self::Codex => "mcp_servers",
            _ => "mcpServers",
        }
    }

    /// Returns true if an entry of the client names its transport.
    pub fn has_type(self) -> bool {
        matches!(self, Self::Vscode | Self::ClaudeCode)
    }

    /// Returns what a person does after the file has changed.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::Claude => "quit Claude Desktop wholly and start it again",
            Self::ClaudeCode => "start a new session of Claude Code; `/mcp` shows the server",
            Self::Cursor => "restart Cursor; Customize, MCPs shows the server",
            Self::Vscode => "run `MCP: List Servers` in VS Code and start the server",
            Self::Codex => "start Codex again; `/mcp` shows the server",
        }
    }

    /// Returns the client's file; none if the environment names no home folder.
    pub fn file(self, places: &Places<'_>) -> Option<PathBuf> {
        let set = |name: &str| (places.env)(name).filter(|value| !value.is_empty());
        let separator = match places.os {
            Os::Windows => "\\",
            Os::Unix | Os::MacOs => "/",
        };
        let join = |root: String, parts: &[&str]| {
            let path = [&[root.as_str()], parts].concat();
            Some(PathBuf::from(path.join(separator)))
        };
        let home = match places.os {
            Os::Windows => set("USERPROFILE"),
            Os::Unix | Os::MacOs => set("HOME"),
        };
        match self {
            Self::Claude => match packaged_claude(places) {
                Some(package) => join(set("LOCALAPPDATA")?, &package),
                None => join(settings(places.os, &set)?, &["Claude", CLAUDE_FILE]),
            },
            Self::ClaudeCode => join(set("CLAUDE_CONFIG_DIR").or(home)?, &[".claude.json"]),
            Self::Cursor => join(home?, &[".cursor", "mcp.json"]),
            Self::Vscode => join(settings(places.os, &set)?, &["Code", "User", "mcp.json"]),
            Self::Codex => match set("CODEX_HOME") {
                Some(folder) => join(folder, &["config.toml"]),
                None => join(home?, &[".codex", "config.toml"]),
            },
        }
    }
}

const CLAUDE_FILE: &str = "claude_desktop_config.json";

/// Returns the place below `%LOCALAPPDATA%` that Windows gives a packaged Claude Desktop in place of `%APPDATA%`.
fn packaged_claude<'a>(places: &Places<'a>) -> Option<[&'a str; 6]> {
    let is_claude = |name: &&String| name.starts_with("Claude_");
    let package = places.packages.iter().find(is_claude)?;
    (places.os == Os::Windows).then_some([
        "Packages",
        package.as_str(),
        "LocalCache",
        "Roaming",
        "Claude",
        CLAUDE_FILE,
    ])
}

/// Returns the folder in which programs with windows keep a user's settings.
fn settings(os: Os, set: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let home = || set("HOME");
    match os {
        Os::Windows => set("APPDATA"),
        Os::MacOs => home().map(|home| home + "/Library/Application Support"),
        Os::Unix => set("XDG_CONFIG_HOME").or_else(|| home().map(|home| home + "/.config")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Client; 5] = [
        Client::Claude,
        Client::ClaudeCode,
        Client::Cursor,
        Client::Vscode,
        Client::Codex,
    ];

    fn files(os: Os, variables: &[(&str, &str)], packages: &[&str]) -> Vec<Option<String>> {
        let env = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let packages: Vec<_> = packages.iter().map(|name| (*name).to_owned()).collect();
        let places = Places {
            os,
            env: &env,
            packages: &packages,
        };
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        ALL.map(|client| client.file(&places).map(text)).into()
    }

    fn expect(found: Vec<Option<String>>, expected: [&str; 5]) {
        let found: Vec<_> = found.into_iter().map(Option::unwrap).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn files_of_linux_are_in_the_home_folder() {
        let home = [("HOME", "/home/ada"), ("XDG_CONFIG_HOME", "")];
        expect(
            files(Os::Unix, &home, &[]),
            [
                "/home/ada/.config/Claude/claude_desktop_config.json",
                "/home/ada/.claude.json",
                "/home/ada/.cursor/mcp.json",
                "/home/ada/.config/Code/User/mcp.json",
                "/home/ada/.codex/config.toml",
            ],
        );
    }

    #[test]
    fn files_of_macos_are_in_application_support() {
        expect(
            files(Os::MacOs, &[("HOME", "/Users/ada")], &[]),
            [
                "/Users/ada/Library/Application Support/Claude/claude_desktop_config.json",
                "/Users/ada/.claude.json",
                "/Users/ada/.cursor/mcp.json",
                "/Users/ada/Library/Application Support/Code/User/mcp.json",
                "/Users/ada/.codex/config.toml",
            ],
        );
    }

    #[test]
    fn files_of_windows_follow_the_package() {
        let variables = [
            ("USERPROFILE", r"C:\Users\ada"),
            ("APPDATA", r"C:\Users\ada\AppData\Roaming"),
            ("LOCALAPPDATA", r"C:\Users\ada\AppData\Local"),
        ];
        let mut expected = [
            r"C:\Users\ada\AppData\Roaming\Claude\claude_desktop_config.json",
            r"C:\Users\ada\.claude.json",
            r"C:\Users\ada\.cursor\mcp.json",
            r"C:\Users\ada\AppData\Roaming\Code\User\mcp.json",
            r"C:\Users\ada\.codex\config.toml",
        ];
        expect(files(Os::Windows, &variables, &["Other_1"]), expected);
        expected[0] = r"C:\Users\ada\AppData\Local\Packages\Claude_pzs8sxrjxfjjc\LocalCache\Roaming\Claude\claude_desktop_config.json";
        let packages = ["Other_1", "Claude_pzs8sxrjxfjjc"];
        expect(files(Os::Windows, &variables, &packages), expected);
    }

    #[test]
    fn variables_of_the_clients_move_their_files() {
        let variables = [
            ("HOME", "/home/ada"),
            ("XDG_CONFIG_HOME", "/settings"),
            ("CLAUDE_CONFIG_DIR", "/claude"),
            ("CODEX_HOME", "/codex"),
        ];
        expect(
            files(Os::Unix, &variables, &["Claude_1"]),
            [
                "/settings/Claude/claude_desktop_config.json",
                "/claude/.claude.json",
                "/home/ada/.cursor/mcp.json",
                "/settings/Code/User/mcp.json",
                "/codex/config.toml",
            ],
        );
        let none = files(Os::Windows, &[("HOME", "/home/ada")], &[]);
        assert_eq!(none, [const { None }; 5]);
    }
}
