//! Asks git for the commit of a folder, and lists the files whose change makes the answer old.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Digits of a commit that the program shows.
const DIGITS: usize = 12;

/// The commit of a folder in words, and the files to watch.
#[derive(Debug)]
pub struct Described {
    /// For example `edf8e2d12345 2026-11-22`, `edf8e2d12345-dirty 2026-11-22` or `unknown`.
    pub text: String,
    /// Existing files and folders; the text may differ after one of them has changed.
    pub watched: Vec<PathBuf>,
}

/// Describes the commit of a repository. `sources` are the paths below `root` whose uncommitted changes count.
///
/// The answer is `unknown` without git, and for a folder that is not the root of a repository. Sources that were
/// unpacked inside of a foreign repository must not show its commit.
pub fn describe(root: &Path, sources: &[&str]) -> Described {
    let unknown = || Described {
        text: "unknown".to_owned(),
        watched: Vec::new(),
    };
    let Some((commit, date)) = commit_of(root) else {
        return unknown();
    };
    let Some(status) = git(root, &[&["status", "--porcelain", "--"], sources].concat()) else {
        return unknown();
    };
    let mark = if status.is_empty() { "" } else { "-dirty" };
    let sources = sources.iter().map(|source| root.join(source));
    Described {
        text: format!("{commit}{mark} {date}"),
        watched: sources
            .chain(files_of_head(root))
            .filter(|path| path.exists())
            .collect(),
    }
}

fn commit_of(root: &Path) -> Option<(String, String)> {
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    let shown = git(root, &["log", "-1", "--format=%H %cs"])?;
    let (hash, date) = shown.split_once(' ')?;
    Some((hash.get(..DIGITS)?.to_owned(), date.to_owned()))
}

/// Lists the files that git changes when HEAD becomes another commit. They are not below `root` in a linked work tree.
fn files_of_head(root: &Path) -> Vec<PathBuf> {
    let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    // The log of HEAD changes at each commit, also if the branch was in `packed-refs` alone.
    let names = ["HEAD", "logs/HEAD", "packed-refs"].map(str::to_owned);
    let names = names.into_iter().chain(branch);
    names
        .filter_map(|name| git(root, &["rev-parse", "--git-path", &name]))
        .map(|path| root.join(path))
        .collect()
}

/// Runs git without the variables by which a hook names another repository. Returns nothing if it fails.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| text.trim_end_matches(['\n', '\r']).to_owned())
}
