//! `Context`: the objects of a set of files, joined by namespace, name and labels as Kubernetes joins them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
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
use crate::hpa::HpaSpec;
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
    /// Patches of autoscalers: the namespaces that they say, by group, kind and name.
    patched: BTreeMap<[&'a str; 3], Vec<Option<&'a str>>>,
    /// Autoscalers that were replayed.
    pub(crate) replays: &'a [Replay<'a>],
}

/// A kind and a name.
type Named<'a> = (&'a str, &'a str);

/// What a namespace holds.
#[derive(Debug, Default)]
struct Namespace<'a> {
    /// Numbers of `Context::autoscalers`.
    autoscalers: Vec<usize>,
    /// The same by kind and name of what they scale.
    autoscalers_by_target: HashMap<Named<'a>, Vec<usize>>,
    /// Numbers of `Context::owners`.
    owners: Vec<usize>,
    budgets: Vec<(&'a Object, &'a DisruptionBudget)>,
    /// The numbers of `budgets` by what they select.
    budget_index: SelectorIndex<'a, LabelSelector>,
    services: Vec<&'a Object>,
    /// The numbers of `services` by what they select.
    service_index: SelectorIndex<'a, BTreeMap<String, String>>,
    /// By kind and name of what they name.
    verticals_by_target: HashMap<Named<'a>, Vec<(&'a Object, &'a VerticalAutoscaler)>>,
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
            patched: BTreeMap::new(),
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
            Form::Autoscaler(hpa) => (&hpa.written, Some(&hpa.meant)),
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
            let namespaces = self.patched.entry(full_name(object)).or_default();
            namespaces.push(object.namespace.as_deref());
        }
        let autoscaled = Autoscaled {
            object,
            written,
            meant,
            target: Target::Unnamed,
        };
        let number = self.autoscalers.len();
        namespace.autoscalers.push(number);
        if let Some(target) = autoscaled.target_name() {
            let of_target = namespace.autoscalers_by_target.entry(target).or_default();
            of_target.push(number);
        }
        self.autoscalers.push(autoscaled);
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
    pub fn valid_autoscalers(&self) -> impl Iterator<Item = (&Autoscaled<'a>, &'a HpaSpec)> {
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

    /// Whether the files hold a patch of an autoscaler, so that its bounds may be others in the end. Where one of the two
    /// says no namespace, it may be the other's.
    #[must_use]
    pub fn is_patched(&self, autoscaler: &Object) -> bool {
        let patches = self.patched.get(&full_name(autoscaler));
        let mut patches = patches.into_iter().flatten();
        let own = autoscaler.namespace.as_deref();
        patches.any(|namespace| namespace.is_none() || own.is_none() || *namespace == own)
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

    /// The autoscalers in the namespace of an object that name this kind and name as what they scale, in order.
    pub fn autoscalers_naming<'b>(
        &'b self,
        target: Named<'b>,
        beside: &Object,
    ) -> impl Iterator<Item = &'b Autoscaled<'a>> + use<'a, 'b> {
        let namespace = self.namespace(beside);
        let numbers = namespace.and_then(|it| it.autoscalers_by_target.get(&target));
        let all = numbers.into_iter().flatten();
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
        let found = namespace.map(|it| {
            let among = self.places_beside(&it.budgets, owner.object);
            (it, it.budget_index.matching_among(&owner.labels, &among))
        });
        let found = found.into_iter();
        let all =
            found.flat_map(|(it, numbers)| numbers.into_iter().map(|number| it.budgets[number]));
        all.filter(|(budget, _)| !self.alternatives.part(budget, owner.object))
    }

    /// The Services that select an owner's pods, in order.
    pub fn services_of(&self, owner: &PodOwner<'a>) -> impl Iterator<Item = &'a Object> {
        let namespace = self.namespace(owner.object);
        let found = namespace.map(|it| {
            let among = self.places_beside(&it.services, owner.object);
            (it, it.service_index.matching_among(&owner.labels, &among))
        });
        let found = found.into_iter();
        let all =
            found.flat_map(|(it, numbers)| numbers.into_iter().map(|number| it.services[number]));
        all.filter(|service| !self.alternatives.part(service, owner.object))
    }

    /// The VerticalPodAutoscalers of an owner.
    pub fn vertical_autoscalers_of<'b>(
        &'b self,
        owner: &'b PodOwner<'a>,
    ) -> impl Iterator<Item = (&'a Object, &'a VerticalAutoscaler)> + use<'a, 'b> {
        let object = owner.object;
        self.vertical_autoscalers_naming((&object.kind, &object.name), object)
            .filter(|(_, vertical)| {
                let target = vertical.target.as_ref();
                target.is_some_and(|target| joined::names(&target.value, object))
            })
    }

    /// The VerticalPodAutoscalers in the namespace of an object that name this kind and name, in order.
    pub fn vertical_autoscalers_naming<'b>(
        &'b self,
        target: Named<'b>,
        beside: &'b Object,
    ) -> impl Iterator<Item = (&'a Object, &'a VerticalAutoscaler)> + use<'a, 'b> {
        let namespace = self.namespace(beside);
        let found = namespace.and_then(|it| it.verticals_by_target.get(&target));
        let found = found.map(Vec::as_slice).unwrap_or_default();
        let parts = self.places_beside(found, beside).into_iter();
        let all = parts.flat_map(move |part| found[part].iter().copied());
        all.filter(|(it, _)| !self.alternatives.part(it, beside))
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

    /// Likewise, unless it stands in another stage or sample.
    #[must_use]
    pub fn owner_deployed_with(
        &self,
        object: &Object,
        scaled: &ScaledObject,
    ) -> Option<&PodOwner<'a>> {
        let owner = self.owner_of_scaled(object, scaled);
        owner.filter(|it| !self.alternatives.part(object, it.object))
    }

    /// Virtual machines that an autoscaler or a ScaledObject makes more and fewer of, each with the first that does.
    pub fn scaled_machines(&self) -> impl Iterator<Item = (&'a Object, &PodOwner<'a>)> {
        let mut by_keda: HashMap<usize, &'a Object> = HashMap::new();
        for (object, scaled) in self.scaled_objects() {
            if let Some(owner) = self.owner_deployed_with(object, scaled) {
                by_keda.entry(owner.number).or_insert(object);
            }
        }
        self.owners.iter().filter_map(move |owner| {
            owner.workload?.pod.vm.as_ref()?;
            let by_hpa = self.autoscalers_of(owner).next().map(|it| it.object);
            let first = by_hpa.or_else(|| by_keda.get(&owner.number).copied());
            Some((first?, owner))
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
        let text = self.texts.get(&*place.source)?;
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
        let text = self.texts.get(&*place.source).copied();
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
        let text = self.texts.get(&*error.source).copied();
        Place::in_text(&error.source, text.unwrap_or_default(), error.span)
    }

    /// The parts of an ordered list that may be deployed with an object.
    fn places_beside<T: Placed>(&self, list: &[T], object: &Object) -> Vec<Range<usize>> {
        let source = object.document.source_name();
        self.alternatives.beside(list, T::source, source)
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
        let places = self.places_beside(found, object).into_iter();
        let all = places.flat_map(move |part| found[part].iter().copied());
        all.filter(|(it, _)| !self.alternatives.part(it, object))
    }
}

/// Group, kind and name, by which a patch finds its object; the version does not matter.
fn full_name(object: &Object) -> [&str; 3] {
    [object.group(), &object.kind, &object.name]
}

impl<'a> Namespace<'a> {
    /// Takes in what neither scales nor makes pods.
    fn put(&mut self, object: &'a Object) {
        match &object.form {
            Form::DisruptionBudget(it) => self.budgets.push((object, it)),
            Form::Service(_) => self.services.push(object),
            Form::VerticalAutoscaler(it) => {
                let target = it.target.as_ref();
                if let Some(target) = target.and_then(|target| joined::named(&target.value)) {
                    let of_target = self.verticals_by_target.entry(target).or_default();
                    of_target.push((object, it));
                }
            }
            Form::ResourceQuota(it) => self.quotas.push((object, it)),
            Form::LimitRange(it) => self.limit_ranges.push((object, it)),
            _ => {}
        }
    }

    /// Puts everything in the order of files, and makes it to be found by labels or by what it names.
    fn index(&mut self) {
        fn sort<T: Placed>(list: &mut [T]) {
            list.sort_by(|one, other| one.source().cmp(other.source()));
        }
        sort(&mut self.budgets);
        sort(&mut self.services);
        sort(&mut self.quotas);
        sort(&mut self.limit_ranges);
        self.verticals_by_target
            .values_mut()
            .for_each(|it| sort(it));
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

/// Something that stands in a file.
trait Placed {
    fn source(&self) -> &str;
}

impl Placed for &Object {
    fn source(&self) -> &str {
        self.document.source_name()
    }
}

impl<T> Placed for (&Object, &T) {
    fn source(&self) -> &str {
        self.0.document.source_name()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Source, read_objects};

    fn read(text: &str) -> Objects {
        read_objects(vec![Source {
            name: "a.yaml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }])
    }

    /// Whether the first autoscaler is patched by the second, their metadata being these.
    #[track_caller]
    fn check_patched(whole: &str, patch: &str, expected: bool) {
        let head = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:";
        let target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}";
        let objects = read(&format!(
            "{head} {whole}\nspec: {{{target}, maxReplicas: 3}}\n---\n{head} {patch}\nspec: {{maxReplicas: 9}}\n"
        ));
        let context = Context::new(&objects, &Settings::USUAL);
        assert_eq!(context.is_patched(&objects.objects[0]), expected);
    }

    #[test]
    fn a_patch_is_known_by_name_and_namespace() {
        check_patched("{name: web}", "{name: web}", true);
        check_patched(
            "{name: web, namespace: a}",
            "{name: web, namespace: a}",
            true,
        );
        check_patched("{name: web, namespace: a}", "{name: web}", true);
        check_patched(
            "{name: web, namespace: a}",
            "{name: web, namespace: b}",
            false,
        );
        check_patched("{name: web}", "{name: api}", false);
    }

    #[test]
    fn a_service_of_another_namespace_selects_nothing_here() {
        let service = |namespace: &str| {
            format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: {namespace}}}\nspec: {{selector: {{app: web}}}}\n---\n"
            )
        };
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\nspec: {template: {metadata: \
                          {labels: {app: web}}, spec: {containers: [{name: web}]}}}\n";
        let objects = read(&format!("{}{}{deployment}", service("a"), service("b")));
        let context = Context::new(&objects, &Settings::USUAL);
        let owner = context.owners().next().expect("there is one");
        let services: Vec<_> = context
            .services_of(owner)
            .map(crate::manifest::Object::namespace_or_default)
            .collect();
        assert_eq!(services, ["a"]);
    }

    #[test]
    fn thousands_of_vertical_autoscalers_are_found_by_what_they_name() {
        let one = |at: usize| {
            format!(
                "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {{name: v{at}}}\nspec: {{targetRef: \
                 {{apiVersion: apps/v1, kind: Deployment, name: web{at}}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: \
                 {{name: web{at}}}\nspec: {{template: {{spec: {{containers: [{{name: web}}]}}}}}}\n---\n"
            )
        };
        let objects = read(&(0..10_000).map(one).collect::<Vec<_>>().concat());
        let context = Context::new(&objects, &Settings::USUAL);
        for owner in context.owners() {
            let found: Vec<_> = context.vertical_autoscalers_of(owner).collect();
            assert_eq!(found.len(), 1, "{}", owner.object.name);
        }
    }
}
