//! Patterns of files and folders to leave out.

use std::path::{Component, Path, PathBuf};

/// Patterns, and the folder that those with a slash start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exclude {
    folder: PathBuf,
    patterns: Vec<String>,
}

impl Exclude {
    /// A pattern without a slash is the name of a file or folder at any depth; one with a slash is a path from the folder,
    /// and holds for all below it. `*` is any part of a name, `?` any letter, `**` any number of folders.
    pub(super) fn new(folder: &Path, patterns: Vec<String>) -> Self {
        let tidy = |pattern: String| {
            let pattern = pattern.strip_prefix("./").unwrap_or(&pattern);
            pattern.trim_end_matches('/').to_owned()
        };
        Self {
            folder: folder.to_owned(),
            patterns: patterns.into_iter().map(tidy).collect(),
        }
    }

    /// Whether a file or folder, given from the root, is left out.
    pub(super) fn holds(&self, path: &Path) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        let inside = path.strip_prefix(&self.folder);
        let names = |path: &Path| -> Vec<String> {
            path.components()
                .filter(|part| matches!(part, Component::Normal(_)))
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect()
        };
        let whole = names(path);
        let inside = inside.map(names).ok();
        self.patterns.iter().any(|pattern| {
            let parts: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
            if pattern.contains('/') {
                let path = if pattern.starts_with('/') && inside.is_none() {
                    Some(&whole)
                } else {
                    inside.as_ref()
                };
                path.is_some_and(|names| path_fits(&parts, names))
            } else {
                let names = inside.as_ref().unwrap_or(&whole);
                names.iter().any(|name| name_fits(pattern, name))
            }
        })
    }
}

/// Whether parts of a pattern fit the beginning of a path.
fn path_fits(parts: &[&str], names: &[String]) -> bool {
    match (parts, names) {
        ([], _) => true,
        (["**", rest @ ..], _) => {
            path_fits(rest, names) || (!names.is_empty() && path_fits(parts, &names[1..]))
        }
        (_, []) => false,
        ([part, parts @ ..], [name, names @ ..]) => {
            name_fits(part, name) && path_fits(parts, names)
        }
    }
}

/// Whether a pattern fits a name, going back only to the last star.
fn name_fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else {
                    return false;
                };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                in_name = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, expected: bool) {
        let exclude = Exclude::new(Path::new("/repo"), vec![pattern.to_owned()]);
        assert_eq!(exclude.holds(Path::new(path)), expected, "{pattern} {path}");
    }

    #[test]
    fn a_name_holds_at_any_depth() {
        check("charts", "/repo/a/charts/b.yaml", true);
        check("charts", "/repo/a/chart.yaml", false);
        check("*.tpl.yaml", "/repo/a/b.tpl.yaml", true);
        check("values*", "/repo/values-prod.yaml", true);
        check("repo", "/repo/a.yaml", false);
    }

    #[test]
    fn a_path_starts_from_the_folder() {
        check("./k8s/old/", "/repo/k8s/old/a.yaml", true);
        check("k8s/old", "/repo/x/k8s/old/a.yaml", false);
        check("**/old", "/repo/x/k8s/old/a.yaml", true);
        check("k8s/**/test?.yaml", "/repo/k8s/a/b/test1.yaml", true);
        check("k8s/*/a.yaml", "/repo/k8s/x/y/a.yaml", false);
        check("k8s/old", "/elsewhere/k8s/old", false);
    }
}
