//! Gathers what the documents of one file give: autoscalers, workloads, a tally of the rest, errors.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::builder::{Extent, ItemFate, Sink};
use super::decode::{Decoder, Field};
use super::document::{Node, Position};
use super::error::{ErrorKind, Fault};
use super::field_path::FieldPath;
use super::inventory;
use super::manifests::Manifests;
use super::object::{self, Autoscaler, Reading, TypeMeta, Workload};
use super::objects::{Object, Objects};
use super::service::Service;
use super::source::SourceText;
use super::tree::{NodeId, Tree};

/// Most errors, and most warnings, that are told of one file.
const MOST_TOLD: usize = 50;
/// Most errors and warnings of one file where rules are asked for, who tell them one by one.
const MOST_TOLD_TO_RULES: usize = 1_000_000;
/// Most items of lists within lists.
const MOST_ITEMS: usize = 1_000_000;
/// Most memory that the objects of one file may take, roughly, in bytes.
const MOST_KEPT: usize = 96 << 20;
/// What a looked-up value comes to in memory, roughly, in bytes.
const BYTES_OF_WORK: usize = 32;
/// What a value with its place comes to in memory, roughly, in bytes.
const BYTES_OF_NODE: usize = 200;
/// Most kinds that are counted each for itself.
const MOST_KINDS: usize = 1_000;
/// The tally of all further kinds.
const FURTHER_KINDS: &str = "other kinds";

/// What a file is read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be replayed: autoscalers and workloads that are right.
    #[default]
    Replay,
    /// To be looked at by rules: every object.
    Rules,
}

/// Gathers what the documents of one file give.
pub(crate) struct Collector {
    source: Arc<SourceText>,
    /// The path of every object, below which those of its fields are.
    paths: FieldPath,
    found: Found,
    /// From the items of a mapping that turns out to be a list, or not, when its `kind` is seen.
    pending: Found,
    /// How many documents were not empty.
    documents: usize,
}

impl Collector {
    pub(crate) fn new(source: &Arc<SourceText>, purpose: Purpose, paths: &FieldPath) -> Self {
        Self {
            source: Arc::clone(source),
            paths: paths.clone(),
            found: Found::new(purpose),
            pending: Found::new(purpose),
            documents: 0,
        }
    }

    pub(crate) fn put_error(&mut self, fault: Fault) {
        self.found.put_error(fault);
    }

    /// Forgets the items of a list that broke off: they may not be all of it.
    pub(crate) fn end_list(&mut self) {
        self.pending = Found::new(self.found.purpose);
    }

    /// Hands over what the file has given; a file without anything in it is an error.
    pub(crate) fn move_into(mut self, manifests: &mut Manifests) {
        self.refuse_nothing();
        self.found.move_into(manifests, self.source.name());
    }

    /// Likewise what rules look at.
    pub(crate) fn move_into_objects(mut self, objects: &mut Objects) {
        self.refuse_nothing();
        let source = self.source.name();
        let place = |fault: Fault| fault.in_source(source);
        let Found {
            objects: found,
            mut errors,
            mut warnings,
            ..
        } = self.found;
        errors.sort_by_key(|fault| fault.at.offset);
        warnings.sort_by_key(|fault| fault.at.offset);
        objects.put_objects(found);
        objects.errors.extend(errors.into_iter().map(place));
        objects.warnings.extend(warnings.into_iter().map(place));
        objects.sources.push(self.source);
    }

    fn refuse_nothing(&mut self) {
        if self.documents == 0 && self.found.errors.is_empty() {
            let message = "nothing in it, expected a Kubernetes manifest in YAML or JSON";
            let fault = Fault::new(Position::START, ErrorKind::NotAnObject, message);
            self.found.put_error(fault);
        }
    }
}

impl Sink for Collector {
    fn item(&mut self, tree: &Tree, item: NodeId, extent: Extent) -> ItemFate {
        let node = tree.node(item);
        if !node.is_mapping() || node.get("kind").is_none() {
            return ItemFate::Keep;
        }
        let object = Field::at_path(node, &self.paths);
        read_object(object, extent, &self.source, &mut self.pending);
        ItemFate::Done
    }

    fn document(&mut self, tree: &Tree, root: NodeId, extent: Extent) {
        let purpose = self.found.purpose;
        let pending = std::mem::replace(&mut self.pending, Found::new(purpose));
        let node = tree.node(root);
        if node.is_null() {
            return;
        }
        self.documents += 1;
        if is_list(node) {
            self.found.append(pending);
        }
        let object = Field::at_path(node, &self.paths);
        read_object(object, extent, &self.source, &mut self.found);
    }
}

/// Reads an object, or the items of a list, or of lists in a list.
fn read_object(outermost: Field<'_>, extent: Extent, source: &Arc<SourceText>, found: &mut Found) {
    let Field { node, path } = outermost;
    let mut waiting: Vec<(Node<'_>, Option<TypeMeta>)> = vec![(node, None)];
    let mut items = 0;
    while let Some((node, implied)) = waiting.pop() {
        let object = Field::at_path(node, &path);
        if !node.is_mapping() {
            let form = if node.is_sequence() {
                "a list"
            } else {
                "a single value"
            };
            let message =
                format!("found {form}, expected a Kubernetes object with `apiVersion` and `kind`");
            found.put_error(Fault::new(object.at(), ErrorKind::NotAnObject, message));
            continue;
        }
        let mut decoder = Decoder::default();
        let Some(of) = object::read_type(&mut decoder, &object, implied.as_ref()) else {
            found.put_decoder(decoder);
            continue;
        };
        if is_list(node) {
            let list = node.get("items").into_iter().flat_map(|list| list.items());
            let before = waiting.len();
            waiting.extend(list.map(|item| (item, item_type(&of))));
            waiting[before..].reverse();
            items += waiting.len() - before;
            if items > MOST_ITEMS {
                found.put_overfull(object.at());
                return;
            }
            continue;
        }
        if found.overfull && !object::is_skipped(&of) {
            continue;
        }
        if found.purpose == Purpose::Rules {
            let object = inventory::read(&mut decoder, &object, &of, extent, source);
            found.kept += decoder.work() * BYTES_OF_WORK;
            found.objects.push(object);
            found.put_decoder(decoder);
            continue;
        }
        let reading = object::read(&mut decoder, &object, &of, extent, source);
        // Also what is refused counts, since reading it again and again takes time.
        if !matches!(reading, Reading::Skipped(_)) {
            found.kept += decoder.work() * BYTES_OF_WORK;
        }
        match reading {
            Reading::Autoscaler(autoscaler) => {
                found.kept += autoscaler.document.size() * BYTES_OF_NODE;
                found.autoscalers.push(*autoscaler);
            }
            Reading::Workload(workload) => found.workloads.push(*workload),
            Reading::Service(service) => {
                found.services.push(*service);
                // One line of it is read; as an object it is passed over like the others.
                found.put_skipped(object::skipped_name(&of), 1);
            }
            Reading::Skipped(name) => found.put_skipped(name, 1),
            Reading::Refused => found.refused_autoscalers += usize::from(of.is_autoscaler()),
        }
        found.put_decoder(decoder);
        if found.kept > MOST_KEPT {
            found.put_overfull(object.at());
        }
    }
}

/// Whether an object is a list: `List`, or a list of one kind.
fn is_list(node: Node<'_>) -> bool {
    let is_list = |kind: Node<'_>| kind.text().is_some_and(|kind| kind.ends_with("List"));
    node.get("kind").is_some_and(is_list)
}

/// The type of the items of a list of one kind, which may leave it out.
fn item_type(list: &TypeMeta) -> Option<TypeMeta> {
    let kind = list.kind.strip_suffix("List")?;
    (!kind.is_empty()).then(|| TypeMeta {
        api_version: list.api_version.clone(),
        kind: kind.to_owned(),
    })
}

/// What a file, or a list, has given: bounded, whatever is in it.
#[derive(Default)]
struct Found {
    purpose: Purpose,
    /// For rules: every object.
    objects: Vec<Object>,
    autoscalers: Vec<Autoscaler>,
    refused_autoscalers: usize,
    workloads: Vec<Workload>,
    services: Vec<Service>,
    skipped: BTreeMap<String, usize>,
    errors: Vec<Fault>,
    /// Errors that there was no room for.
    further_errors: usize,
    warnings: Vec<Fault>,
    /// Memory that the objects take, roughly, in bytes.
    kept: usize,
    /// That there are too many objects was said.
    overfull: bool,
}

impl Found {
    fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            ..Self::default()
        }
    }

    fn most_told(&self) -> usize {
        match self.purpose {
            Purpose::Replay => MOST_TOLD,
            Purpose::Rules => MOST_TOLD_TO_RULES,
        }
    }

    fn put_error(&mut self, fault: Fault) {
        // One template makes many errors, of which one is enough.
        let is_told = fault.kind == ErrorKind::Template
            && self
                .errors
                .iter()
                .any(|told| told.kind == ErrorKind::Template);
        if is_told {
            return;
        }
        if self.errors.len() < self.most_told() {
            self.errors.push(fault);
        } else {
            self.further_errors += 1;
        }
    }

    /// Of an object that is a template, nothing else is worth telling.
    fn put_decoder(&mut self, decoder: Decoder) {
        let mut faults = decoder.faults;
        if faults.iter().any(|fault| fault.kind == ErrorKind::Template) {
            faults.retain(|fault| fault.kind == ErrorKind::Template);
        }
        for fault in faults {
            self.put_error(fault);
        }
        let room = self.most_told().saturating_sub(self.warnings.len());
        self.warnings
            .extend(decoder.warnings.into_iter().take(room));
    }

    fn put_skipped(&mut self, name: String, number: usize) {
        let has_room = self.skipped.len() < MOST_KINDS || self.skipped.contains_key(&name);
        let name = if has_room {
            name
        } else {
            FURTHER_KINDS.to_owned()
        };
        *self.skipped.entry(name).or_default() += number;
    }

    fn put_overfull(&mut self, at: Position) {
        if !std::mem::replace(&mut self.overfull, true) {
            let message = "too many autoscalers and workloads for one file, expected some thousand at most; split it";
            self.put_error(Fault::new(at, ErrorKind::TooLarge, message));
        }
    }

    /// Takes up what a list has given, which is bounded as this is.
    fn append(&mut self, other: Self) {
        let Self {
            purpose: _,
            objects,
            autoscalers,
            refused_autoscalers,
            workloads,
            services,
            skipped,
            errors,
            further_errors,
            warnings,
            kept,
            overfull,
        } = other;
        self.objects.extend(objects);
        self.autoscalers.extend(autoscalers);
        self.refused_autoscalers += refused_autoscalers;
        self.workloads.extend(workloads);
        self.services.extend(services);
        self.kept += kept;
        for (name, number) in skipped {
            self.put_skipped(name, number);
        }
        for fault in errors {
            self.put_error(fault);
        }
        self.further_errors += further_errors;
        let room = self.most_told().saturating_sub(self.warnings.len());
        self.warnings.extend(warnings.into_iter().take(room));
        self.overfull |= overfull;
    }

    fn move_into(mut self, manifests: &mut Manifests, source: &Arc<str>) {
        self.errors.sort_by_key(|fault| fault.at.offset);
        self.warnings.sort_by_key(|fault| fault.at.offset);
        manifests.autoscalers.extend(self.autoscalers);
        manifests.refused_autoscalers += self.refused_autoscalers;
        manifests.workloads.extend(self.workloads);
        manifests.services.extend(self.services);
        for (name, number) in self.skipped {
            *manifests.skipped.entry(name).or_default() += number;
        }
        let place = |fault: Fault| fault.in_source(source);
        manifests.errors.extend(self.errors.into_iter().map(place));
        if self.further_errors > 0 {
            let message = format!("{} further errors in this file", self.further_errors);
            let fault = Fault::new(Position::START, ErrorKind::Invalid, message);
            manifests.errors.push(place(fault));
        }
        manifests
            .warnings
            .extend(self.warnings.into_iter().map(place));
    }
}
