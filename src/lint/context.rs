//! `Context`: the objects of a set of files, joined by namespace, name and labels as Kubernetes joins them.

use std::collections::{BTreeMap, BTreeSet};

use super::alternatives::Alternatives;
use super::finding::{Edit, Place};
use super::joined::{self, Autoscaled, PodOwner, Scalable, Target};
use super::settings::Settings;
use super::suppression::{self, Suppressions};
use crate::manifest::{
    Concern, Definition, DisruptionBudget, ErrorKind, Form, LimitRange, ManifestError, Object,
    Objects, ResourceQuota, ScaledObject, VerticalAutoscaler,
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
    /// Numbers and objects by namespace.
    namespaces: BTreeMap<&'a str, Namespace<'a>>,
    /// The text of each file by its name.
    texts: BTreeMap<&'a str, &'a [u8]>,
    pub(crate) alternatives: Alternatives<'a>,
    pub(crate) suppressions: Suppressions,
    /// Names of autoscalers that a patch has values for.
    patched: BTreeSet<&'a str>,
}

/// What a namespace holds.
#[derive(Debug, Default)]
struct Namespace<'a> {
    /// Numbers of `Context::autoscalers`.
    autoscalers: Vec<usize>,
    /// Numbers of `Context::owners`.
    owners: Vec<usize>,
    /// What neither scales nor makes pods.
    bystanders: Vec<&'a Object>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(objects: &'a Objects, settings: &'a Settings) -> Self {
        let mut namespaces: BTreeMap<&str, Namespace<'_>> = BTreeMap::new();
        let mut owners = Vec::new();
        let mut scalable = Scalable::default();
        for object in &objects.objects {
            let namespace = namespaces.entry(object.namespace_or_default()).or_default();
            let owner = PodOwner::of(object);
            scalable.put(object, owner.is_some().then_some(owners.len()));
            if let Some(owner) = owner {
                namespace.owners.push(owners.len());
                owners.push(owner);
            } else {
                namespace.bystanders.push(object);
            }
        }
        scalable.finish();
        let alternatives = {
            let makes_pods: BTreeSet<*const Object> = owners
                .iter()
                .map(|it| std::ptr::from_ref(it.object))
                .collect();
            let all = objects.objects.iter();
            Alternatives::of(all.map(|it| (it, makes_pods.contains(&std::ptr::from_ref(it)))))
        };
        let mut autoscalers = Vec::new();
        let mut patched = BTreeSet::new();
        for object in &objects.objects {
            let (written, meant) = match &object.form {
                Form::Autoscaler(autoscaler) => (&autoscaler.written, Some(&**autoscaler)),
                Form::RefusedAutoscaler(written) => (&**written, None),
                _ => continue,
            };
            let namespace = namespaces.entry(object.namespace_or_default()).or_default();
            namespace.autoscalers.push(autoscalers.len());
            let mut autoscaled = Autoscaled {
                object,
                written,
                meant,
                target: Target::Unnamed,
            };
            if written.scale_target.is_none() {
                patched.insert(object.name.as_str());
            }
            autoscaled.target = scalable.target_of(&autoscaled, &alternatives);
            autoscalers.push(autoscaled);
        }
        Self {
            objects,
            settings,
            autoscalers,
            owners,
            namespaces,
            texts: objects.sources().collect(),
            alternatives,
            suppressions: suppression::find(objects),
            patched,
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

    /// The autoscalers that scale a pod owner, in order.
    pub fn autoscalers_of<'b>(
        &'b self,
        owner: &'b PodOwner<'a>,
    ) -> impl Iterator<Item = &'b Autoscaled<'a>> {
        self.autoscalers_beside(owner.object).filter(|it| {
            let scaled = self.owner(it);
            scaled.is_some_and(|scaled| std::ptr::eq(scaled.object, owner.object))
        })
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

    /// The PodDisruptionBudgets that cover an owner's pods.
    pub fn budgets_of(
        &self,
        owner: &PodOwner<'a>,
    ) -> impl Iterator<Item = (&'a Object, &'a DisruptionBudget)> {
        self.beside(owner.object).filter_map(|object| {
            let Form::DisruptionBudget(budget) = &object.form else {
                return None;
            };
            let covers = budget.selects()?.matches(&owner.labels);
            covers.then_some((object, &**budget))
        })
    }

    /// The Services that select an owner's pods.
    pub fn services_of(&self, owner: &PodOwner<'a>) -> impl Iterator<Item = &'a Object> {
        self.beside(owner.object).filter(|object| {
            let Form::Service(selector) = &object.form else {
                return false;
            };
            let has = |(key, value)| owner.labels.get(key) == Some(value);
            !selector.is_empty() && selector.iter().all(has)
        })
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
        self.beside(object).filter_map(|object| match &object.form {
            Form::VerticalAutoscaler(vertical) => Some((object, &**vertical)),
            _ => None,
        })
    }

    /// The ScaledObjects in the namespace of an object, itself included.
    pub fn scaled_objects_beside(
        &self,
        object: &Object,
    ) -> impl Iterator<Item = (&'a Object, &'a ScaledObject)> {
        self.beside(object).filter_map(|object| match &object.form {
            Form::ScaledObject(scaled) => Some((object, &**scaled)),
            _ => None,
        })
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
        let mut owners = self.owners_beside(object);
        owners.find(|owner| owner.object.kind == kind && owner.object.name == name)
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
        self.beside(object).filter_map(|object| match &object.form {
            Form::ResourceQuota(quota) => Some((object, &**quota)),
            _ => None,
        })
    }

    /// The LimitRanges of the namespace of an object.
    pub fn limit_ranges_beside(
        &self,
        object: &Object,
    ) -> impl Iterator<Item = (&'a Object, &'a LimitRange)> {
        self.beside(object).filter_map(|object| match &object.form {
            Form::LimitRange(range) => Some((object, &**range)),
            _ => None,
        })
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
        let objects = self.objects.objects.iter();
        objects.filter_map(|object| match &object.form {
            Form::Definition(definition) => Some(&**definition),
            _ => None,
        })
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

    /// What neither scales nor makes pods in the namespace of an object, but in other stages or samples.
    fn beside<'b, 'c>(
        &'b self,
        object: &'c Object,
    ) -> impl Iterator<Item = &'a Object> + use<'a, 'b, 'c> {
        let found = self.namespace(object).map(|it| it.bystanders.as_slice());
        let all = found.unwrap_or_default().iter().copied();
        all.filter(|it| !self.alternatives.part(it, object))
    }
}
