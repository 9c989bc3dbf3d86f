//! `Chooser`: takes each number from whoever says it first, and remembers who that was.

use super::{Assumption, Assumptions, Origin, Settings};

/// Chooses values and keeps the list of assumptions.
pub(super) struct Chooser<'a> {
    flags: &'a Settings,
    file: &'a Settings,
    assumptions: Assumptions,
    /// Keys whose first note was changed.
    amended: Vec<String>,
}

/// A value, and who said it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen<T> {
    pub(super) value: T,
    pub(super) origin: Origin,
}

impl<'a> Chooser<'a> {
    pub(super) const fn new(flags: &'a Settings, file: &'a Settings) -> Self {
        Self {
            flags,
            file,
            assumptions: Vec::new(),
            amended: Vec::new(),
        }
    }

    /// What a flag or the scenario file says.
    pub(super) fn said<T: Clone>(&self, of: impl Fn(&Settings) -> &Option<T>) -> Option<Chosen<T>> {
        let by = |settings: &Settings, origin| {
            of(settings).clone().map(|value| Chosen { value, origin })
        };
        by(self.flags, Origin::Flag).or_else(|| by(self.file, Origin::ScenarioFile))
    }

    /// The first of flag, file, manifest and default; noted under `key` as `show` writes it.
    pub(super) fn choose<T: Clone>(
        &mut self,
        key: &str,
        of: impl Fn(&Settings) -> &Option<T>,
        manifest: Option<T>,
        default: T,
        show: impl Fn(&T) -> String,
    ) -> T {
        let chosen = self
            .said(of)
            .or(manifest.map(|value| Chosen {
                value,
                origin: Origin::Manifest,
            }))
            .unwrap_or(Chosen {
                value: default,
                origin: Origin::Default,
            });
        self.note(key, show(&chosen.value), chosen.origin);
        chosen.value
    }

    /// Notes an assumption.
    pub(super) fn note(&mut self, key: &str, value: String, origin: Origin) {
        self.assumptions.push(Assumption {
            key: key.to_owned(),
            value,
            origin,
            note: String::new(),
        });
    }

    /// Notes an assumption whose origin is not all there is to say.
    pub(super) fn remark(&mut self, key: &str, value: String, origin: Origin, remark: &str) {
        self.assumptions.push(Assumption {
            key: key.to_owned(),
            value,
            origin,
            note: remark.to_owned(),
        });
    }

    /// Notes a value that was computed from others.
    pub(super) fn derived(&mut self, key: &str, value: String, how: &str) {
        self.note(key, value, Origin::Derived(how.to_owned()));
    }

    /// Notes that a value was changed from what its first note says.
    pub(super) fn amend(&mut self, key: &str, value: String, how: &str, why: &str) {
        let is_amended = self.amended.iter().any(|amended| amended == key);
        self.amended.push(key.to_owned());
        let Some(noted) = self.assumptions.iter_mut().find(|noted| noted.key == key) else {
            self.remark(key, value, Origin::Derived(how.to_owned()), why);
            return;
        };
        if noted.value == value {
            return;
        }
        noted.value = value;
        match &mut noted.origin {
            Origin::Derived(before) if is_amended => {
                *before = format!("{before}, {how}");
                noted.note = format!("{}; {why}", noted.note);
            }
            origin => {
                *origin = Origin::Derived(how.to_owned());
                why.clone_into(&mut noted.note);
            }
        }
    }

    pub(super) fn into_assumptions(self) -> Assumptions {
        self.assumptions
    }

    /// The settings of flags and file, the flags first.
    pub(super) const fn layers(&self) -> [&'a Settings; 2] {
        [self.flags, self.file]
    }
}
