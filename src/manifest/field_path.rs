//! `FieldPath`: where a field stands in its object, such as `spec.metrics[0].type`.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Most paths that are kept right below one path; further ones are made anew each time.
const MOST_KEPT: usize = 48;

/// The path of a field as the file has it, such as `spec.metrics[0].type`.
///
/// Objects of one kind have the same paths: each is made once for all that are read together, and copying one is counting
/// it.
#[derive(Clone)]
pub struct FieldPath(Arc<Step>);

struct Step {
    /// The whole path.
    text: Box<str>,
    /// Where the last part of it begins, after the dot.
    own: usize,
    /// The first path right below it that was asked for.
    below: OnceLock<FieldPath>,
    /// The next path right below the same one.
    beside: OnceLock<FieldPath>,
}

impl FieldPath {
    /// The path of the object itself: the empty text.
    pub(crate) fn root() -> Self {
        Self::new(String::new(), 0)
    }

    /// As `spec.minReplicas`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The path of a member. For the names that a kind of object has, of which there are few; see [`Self::joined`].
    pub(crate) fn member(&self, key: &str) -> Self {
        self.kept(key, || {
            let text = self.joined(key);
            let own = text.len() - key.len();
            Self::new(text, own)
        })
    }

    /// The path of an item.
    pub(crate) fn item(&self, index: usize) -> Self {
        let part = format!("[{index}]");
        let make = || Self::new(format!("{}{part}", self.as_str()), self.as_str().len());
        // Of long lists the paths are as many as their items, which nobody looks for again.
        if index < MOST_KEPT / 4 {
            self.kept(&part, make)
        } else {
            make()
        }
    }

    /// The text of a member's path, whatever its name.
    pub(crate) fn joined(&self, key: &str) -> String {
        let path = self.as_str();
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    }

    fn new(text: String, own: usize) -> Self {
        Self(Arc::new(Step {
            text: text.into_boxed_str(),
            own,
            below: OnceLock::new(),
            beside: OnceLock::new(),
        }))
    }

    /// The path right below this one whose last part is this, made if there is none yet.
    fn kept(&self, part: &str, make: impl Fn() -> Self) -> Self {
        let mut slot = &self.0.below;
        for _ in 0..MOST_KEPT {
            let next = slot.get_or_init(&make);
            if &next.0.text[next.0.own..] == part {
                return next.clone();
            }
            slot = &next.0.beside;
        }
        make()
    }
}

impl Deref for FieldPath {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for FieldPath {}

impl PartialEq<&str> for FieldPath {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_once() {
        let root = FieldPath::root();
        let path = || root.member("spec").member("metrics").item(0).member("type");
        assert_eq!(path(), "spec.metrics[0].type");
        assert!(Arc::ptr_eq(&path().0, &path().0));
        assert!(!Arc::ptr_eq(
            &path().0,
            &root.member("spec").member("type").0
        ));
    }

    #[test]
    fn however_many_paths_there_are_few_are_kept() {
        let root = FieldPath::root();
        for number in 0..1000 {
            let key = format!("k{number}");
            assert_eq!(root.member(&key), key.as_str());
            assert_eq!(root.item(number).as_str(), format!("[{number}]"));
        }
        let first = root.member("k0");
        assert!(Arc::ptr_eq(&first.0, &root.member("k0").0));
        assert!(!Arc::ptr_eq(&root.member("k999").0, &root.member("k999").0));
    }
}
