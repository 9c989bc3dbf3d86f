//! `Context`: the objects of a set of files, joined by namespace, name and labels as Kubernetes joins them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use rayon::prelude::*;

use super::alternatives::Alternatives;
use super::finding::{Edit, Place};
use super::joined::{self, Autoscaled, PodOwner, Scalable, Target};
use super::overlap::Pair;
use super::replay_rules::Replay;
use super::selector_index::SelectorIndex;
use super::settings::Settings;
use super::suppression::{self, Suppressions};
use crate::manifest::{
    Concern, Definition, DisruptionBudget, ErrorKind, Form, LabelSelector, LimitRange,
    ManifestError, Object, Objects, ResourceQuota, ScaledObject, VerticalAutoscaler,
};

/// What a rule may ask.
#[derive(Debug)]
pub struct Context<'a> {
    /// What was read.
    pub objects: &'a Objects,
    /// What rules are told besides.
    pub settings: &'a Settings,
    autoscalers: Vec<Autoscaled<'a>>,
    owners: Vec<PodOwner<'a>>,
    /// For each of the owners the numbers of the autoscalers that scale it.
    scaled_by: Vec<Vec<usize>>,
    scalable: Scalable<'a>,
    /// Numbers and objects by namespace.
    namespaces: BTreeMap<&'a str, Namespace<'a>>,
    definitions: Vec<&'a Definition>,
    /// Found when the first rule asks.
    pub(crate) overlap: OnceLock<Vec<Pair>>,
    /// The text of each file by its name.
    texts: HashMap<&'a str, &'a [u8]>,
    pub(crate) alternatives: Alternatives<'a>,
    pub(crate) suppressions: Suppressions,
    /// Names of autoscalers that a patch has values for.
    patched: BTreeSet<&'a str>,
    /// Autoscalers that were replayed.
    pub(crate) replays: &'a [Replay<'a>],
}

/// What a namespace holds.
#[derive(Debug, Default)]
struct Namespace<'a> {
    /// Numbers of `Context::autoscalers`.
    autoscalers: Vec<usize>,
    /// Numbers of `Context::owners`.
    owners: Vec<usize>,
    budgets: Vec<(&'a Object, &'a DisruptionBudget)>,
    /// The numbers of `budgets` by what they select.
    budget_index: SelectorIndex<'a, LabelSelector>,
    services: Vec<&'a Object>,
    /// The numbers of `services` by what they select.
    service_index: SelectorIndex<'a, BTreeMap<String, String>>,
    vertical_autoscalers: Vec<(&'a Object, &'a VerticalAutoscaler)>,
    scaled_objects: Vec<(&'a Object, &'a ScaledObject)>,
    quotas: Vec<(&'a Object, &'a ResourceQuota)>,
    limit_ranges: Vec<(&'a Object, &'a LimitRange)>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(objects: &'a Objects, settings: &'a Settings) -> Self {
        let (suppressions, owners) =
            rayon::join(|| suppression::find(objects), || pod_owners(objects));
        let alternatives = {
            let makes_pods = owners.iter().map(Option::is_some);
            Alternatives::of(objects.objects.iter().zip(makes_pods))
        };
        let mut context = Self {
            objects,
            settings,
            autoscalers: Vec::new(),
            owners: Vec::new(),
            scaled_by: Vec::new(),
            scalable: Scalable::for_targets_in(objects),
            namespaces: BTreeMap::new(),
            definitions: Vec::new(),
            overlap: OnceLock::new(),
            texts: objects.sources().collect(),
            alternatives,
            patched: BTreeSet::new(),
            suppressions,
            replays: &[],
        };
        for (object, owner) in objects.objects.iter().zip(owners) {
            context.put(object, owner);
        }
        context.scalable.finish();
        context.find_targets();
        context
            .namespaces
            .par_iter_mut()
            .for_each(|(_, namespace)| namespace.index());
        context
    }

    fn put(&mut self, object: &'a Object, owner: Option<PodOwner<'a>>) {
        let number = self.owners.len();
        self.scalable.put(object, owner.is_some().then_some(number));
        let namespace = self
            .namespaces
            .entry(object.namespace_or_default())
            .or_default();
        if let Some(owner) = owner {
            namespace.owners.push(number);
            self.owners.push(owner);
            return;
        }
        let (written, meant) = match &object.form {
            Form::Autoscaler(autoscaler) => (&autoscaler.written, Some(&**autoscaler)),
            Form::RefusedAutoscaler(written) => (&**written, None),
            Form::Definition(definition) => {
                self.definitions.push(definition);
                return;
            }
            _ => {
                namespace.put(object);
                return;
            }
        };
        if written.scale_target.is_none() {
            self.patched.insert(object.name.as_str());
        }
        namespace.autoscalers.push(self.autoscalers.len());
        self.autoscalers.push(Autoscaled {
            object,
            written,
            meant,
            target: Target::Unnamed,
        });
    }

    /// Joins autoscalers with what they scale, once everything is known.
    fn find_targets(&mut self) {
        self.scaled_by = vec![Vec::new(); self.owners.len()];
        for (number, autoscaled) in self.autoscalers.iter_mut().enumerate() {
            autoscaled.target = self.scalable.target_of(autoscaled, &self.alternatives);
            let Target::Owner(owner) = autoscaled.target else {
                continue;
            };
            self.scaled_by[owner].push(number);
        }
    }

    /// Every autoscaler, in order.
    pub fn autoscalers(&self) -> impl Iterator<Item = &Autoscaled<'a>> {
        self.autoscalers.iter()
    }

    /// The autoscalers that the API server takes.
    pub fn valid_autoscalers(
        &self,
    ) -> impl Iterator<Item = (&Autoscaled<'a>, &'a crate::manifest::Autoscaler)> {
        self.autoscalers
            .iter()
            .filter_map(|it| it.meant.map(|meant| (it, meant)))
    }

    /// Everything that makes pods, in order.
    pub fn owners(&self) -> impl Iterator<Item = &PodOwner<'a>> {
        self.owners.iter()
    }

    /// Whether two objects of one namespace are surely deployed together. Others may be stages or samples, of which a
    /// cluster gets one.
    #[must_use]
    pub fn are_together(&self, one: &Object, other: &Object) -> bool {
        self.alternatives.are_together(one, other)
    }

    /// Whether the files hold a patch of an autoscaler, so that its bounds may be others in the end.
    #[must_use]
    pub fn is_patched(&self, autoscaler: &Object) -> bool {
        self.patched.contains(autoscaler.name.as_str())
    }

    /// The owner of a number.
    pub(crate) fn owner_at(&self, number: usize) -> &PodOwner<'a> {
        &self.owners[number]
    }

    /// What an autoscaler scales, if it is there and makes pods.
    #[must_use]
    pub fn owner(&self, autoscaled: &Autoscaled<'a>) -> Option<&PodOwner<'a>> {
        match autoscaled.target {
            Target::Owner(number) => self.owners.get(number),
            _ => None,
        }
    }

    /// The autoscalers in the namespace of an object, itself included, in order.
    pub fn autoscalers_beside<'b>(
        &'b self,
        object: &Object,
    ) -> impl Iterator<Item = &'b Autoscaled<'a>> + use<'a, 'b> {
        let numbers = self.namespace(object).map(|it| it.autoscalers.as_slice());
        let all = numbers.unwrap_or_default().iter();
        all.map(|number| &self.autoscalers[*number])
    }

    /// The autoscalers that scale a pod owner from its own namespace, in order.
    pub fn autoscalers_of<'b>(
        &'b self,
        owner: &'b PodOwner<'a>,
    ) -> impl Iterator<Item = &'b Autoscaled<'a>> {
        let namespace = owner.object.namespace_or_default();
        let numbers = self.scaled_by[owner.number].iter();
        numbers
            .map(|number| &self.autoscalers[*number])
            .filter(move |it| it.object.namespace_or_default() == namespace)
    }

    /// Everything that makes pods in the namespace of an object, itself included.
    pub fn owners_beside<'b>(
        &'b self,
        object: &Object,
    ) -> impl Iterator<Item = &'b PodOwner<'a>> + use<'a, 'b> {
        let numbers = self.namespace(object).map(|it| it.owners.as_slice());
        let all = numbers.unwrap_or_default().iter();
        all.map(|number| &self.owners[*number])
    }

    /// The PodDisruptionBudgets that cover an owner's pods, in order.
    pub fn budgets_of(
        &self,
        owner: &PodOwner<'a>,
    ) -> impl Iterator<Item = (&'a Object, &'a DisruptionBudget)> {
        let namespace = self.namespace(owner.object);
        let found = namespace.map(|it| (it, it.budget_index.matching(&owner.labels)));
        let found = found.into_iter();
        let all =
            found.flat_map(|(it, numbers)| numbers.into_iter().map(|number| it.budgets[number]));
        all.filter(|(budget, _)| !self.alternatives.part(budget, owner.object))
    }

    /// The Services that select an owner's pods, in order.
    pub fn services_of(&self, owner: &PodOwner<'a>) -> impl Iterator<Item = &'a Object> {
        let namespace = self.namespace(owner.object);
        let found = namespace.map(|it| (it, it.service_index.matching(&owner.labels)));
        let found = found.into_iter();
        let all =
            found.flat_map(|(it, numbers)| numbers.into_iter().map(|number| it.services[number]));
        all.filter(|service| !self.alternatives.part(service, owner.object))
    }

    /// The VerticalPodAutoscalers of an owner.
    pub fn vertical_autoscalers_of(
        &self,
        owner: &PodOwner<'a>,
    ) -> impl Iterator<Item = (&'a Object, &'a VerticalAutoscaler)> {
        self.vertical_autoscalers_beside(owner.object)
            .filter(|(_, vertical)| {
                let target = vertical.target.as_ref();
                target.is_some_and(|target| joined::names(&target.value, owner.object))
            })
    }

    /// The VerticalPodAutoscalers in the namespace of an object.
    pub fn vertical_autoscalers_beside(
        &self,
        object: &Object,
    ) -> impl Iterator<Item = (&'a Object, &'a VerticalAutoscaler)> {
        self.beside(object, |it| &it.vertical_autoscalers)
    }

    /// The ScaledObjects in the namespace of an object, itself included.
    pub fn scaled_objects_beside(
        &self,
        object: &Object,
    ) -> impl Iterator<Item = (&'a Object, &'a ScaledObject)> {
        self.beside(object, |it| &it.scaled_objects)
    }

    /// Every ScaledObject.
    pub fn scaled_objects(&self) -> impl Iterator<Item = (&'a Object, &'a ScaledObject)> {
        self.objects
            .objects
            .iter()
            .filter_map(|object| match &object.form {
                Form::ScaledObject(scaled) => Some((object, &**scaled)),
                _ => None,
            })
    }

    /// What a ScaledObject scales, if it is there and makes pods. A kind that is not given is a Deployment.
    #[must_use]
    pub fn owner_of_scaled(&self, object: &Object, scaled: &ScaledObject) -> Option<&PodOwner<'a>> {
        let reference = &scaled.scale_target.as_ref()?.value;
        let kind = reference
            .kind
            .as_ref()
            .map_or("Deployment", |kind| kind.value.as_str());
        let name = reference.name.as_ref()?.value.as_str();
        let number = self.scalable.owner_named(kind, name, object)?;
        self.owners.get(number)
    }

    /// Virtual machines that an autoscaler or a ScaledObject makes more and fewer of, each with the first that does.
    pub fn scaled_machines(&self) -> impl Iterator<Item = (&'a Object, &PodOwner<'a>)> {
        self.owners.iter().filter_map(|owner| {
            owner.workload?.pod.vm.as_ref()?;
            let by_hpa = self.autoscalers_of(owner).next().map(|it| it.object);
            let of_keda = || {
                let mut all = self.scaled_objects_beside(owner.object);
                let is_ours = |object: &Object, scaled: &ScaledObject| {
                    let target = self.owner_of_scaled(object, scaled);
                    target.is_some_and(|target| std::ptr::eq(target.object, owner.object))
                };
                let found = all.find(|(object, scaled)| is_ours(object, scaled));
                found.map(|(object, _)| object)
            };
            Some((by_hpa.or_else(of_keda)?, owner))
        })
    }

    /// The ResourceQuotas of the namespace of an object.
    pub fn quotas_beside(
        &self,
        object: &Object,
    ) -> impl Iterator<Item = (&'a Object, &'a ResourceQuota)> {
        self.beside(object, |it| &it.quotas)
    }

    /// The LimitRanges of the namespace of an object.
    pub fn limit_ranges_beside(
        &self,
        object: &Object,
    ) -> impl Iterator<Item = (&'a Object, &'a LimitRange)> {
        self.beside(object, |it| &it.limit_ranges)
    }

    /// What the API server refuses in autoscalers, by the part of its validation that speaks.
    pub fn refused(&self, concern: Concern) -> impl Iterator<Item = (Place, &'a ManifestError)> {
        self.objects
            .errors
            .iter()
            .filter(move |error| error.concern == concern)
            .map(|error| (self.place_of(error), error))
    }

    /// What puts a word in place of another, in the quotes that it has; `None` where something else is written there,
    /// such as an alias or an annotation that holds it.
    #[must_use]
    pub fn replacement(&self, place: &Place, word: &str, by: &str) -> Option<Edit> {
        let text = self.texts.get(place.source.as_str())?;
        let text = text.get(place.start.offset..place.end.offset)?;
        let text = std::str::from_utf8(text).ok()?;
        let quote = text.get(..1).filter(|quote| matches!(*quote, "\"" | "'"));
        let quote = quote.unwrap_or_default();
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (inner == word).then(|| Edit::replacing(place, format!("{quote}{by}{quote}")))
    }

    /// The text at a place.
    #[must_use]
    pub fn text_at(&self, place: &Place) -> &str {
        let text = self.texts.get(place.source.as_str()).copied();
        let text = text.and_then(|text| text.get(place.start.offset..place.end.offset));
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }

    /// Whether every file could be read: if not, what is absent may be in the rest.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_unread = |error: &ManifestError| {
            matches!(
                error.kind,
                ErrorKind::Encoding | ErrorKind::Syntax | ErrorKind::Template | ErrorKind::TooLarge
            )
        };
        !self.objects.errors.iter().any(is_unread)
    }

    /// The CustomResourceDefinitions.
    pub fn definitions(&self) -> impl Iterator<Item = &'a Definition> {
        self.definitions.iter().copied()
    }

    /// Where an error stands.
    #[must_use]
    pub fn place_of(&self, error: &ManifestError) -> Place {
        let text = self.texts.get(error.source.as_str()).copied();
        Place::in_text(&error.source, text.unwrap_or_default(), error.span)
    }

    fn namespace(&self, object: &Object) -> Option<&Namespace<'a>> {
        self.namespaces.get(object.namespace_or_default())
    }

    /// Objects of one form in the namespace of an object, but in other stages or samples.
    fn beside<T: 'a>(
        &self,
        object: &Object,
        of: impl for<'n> Fn(&'n Namespace<'a>) -> &'n [(&'a Object, &'a T)],
    ) -> impl Iterator<Item = (&'a Object, &'a T)> {
        let found = self.namespace(object).map(of).unwrap_or_default();
        let all = found.iter().copied();
        all.filter(|(it, _)| !self.alternatives.part(it, object))
    }
}

impl<'a> Namespace<'a> {
    /// Takes in what neither scales nor makes pods.
    fn put(&mut self, object: &'a Object) {
        match &object.form {
            Form::DisruptionBudget(it) => self.budgets.push((object, it)),
            Form::Service(_) => self.services.push(object),
            Form::VerticalAutoscaler(it) => self.vertical_autoscalers.push((object, it)),
            Form::ScaledObject(it) => self.scaled_objects.push((object, it)),
            Form::ResourceQuota(it) => self.quotas.push((object, it)),
            Form::LimitRange(it) => self.limit_ranges.push((object, it)),
            _ => {}
        }
    }

    /// Makes what has a selector to be found by labels.
    fn index(&mut self) {
        let budgets = self.budgets.iter().enumerate();
        let selecting =
            budgets.filter_map(|(number, (_, budget))| Some((number, budget.selects()?)));
        self.budget_index = SelectorIndex::new(&selecting.collect::<Vec<_>>());
        let services = self.services.iter().enumerate();
        let selecting = services.filter_map(|(number, service)| match &service.form {
            // A Service without a selector selects nothing.
            Form::Service(selector) if !selector.is_empty() => Some((number, selector)),
            _ => None,
        });
        self.service_index = SelectorIndex::new(&selecting.collect::<Vec<_>>());
    }
}

/// For each object, what is known of it as something that makes pods.
fn pod_owners(objects: &Objects) -> Vec<Option<PodOwner<'_>>> {
    let all = objects.objects.par_iter();
    let mut owners: Vec<Option<PodOwner<'_>>> = all.with_min_len(64).map(PodOwner::of).collect();
    for (number, owner) in owners.iter_mut().flatten().enumerate() {
        owner.number = number;
    }
    owners
}
