//! ResourceQuota and LimitRange as written.

use super::decode::{Decoder, Field, Written};
use crate::units::Quantity;

/// A ResourceQuota: what all pods of a namespace may ask for together.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceQuota {
    /// `hard`: names such as `requests.cpu`, `cpu` (which means the same), `limits.memory` and `pods`.
    pub hard: Vec<(String, Written<Quantity>)>,
    /// `scopes`: which pods it is about; all of them where there are none.
    pub scopes: Vec<Written<String>>,
    /// Whether `scopeSelector` narrows it too.
    pub scope_selector: Option<Written<()>>,
}

/// A LimitRange: what is filled in and required in a namespace's containers and pods.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRange {
    /// `limits`.
    pub limits: Vec<Written<LimitRangeItem>>,
}

/// One entry of a LimitRange.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRangeItem {
    /// `type`: `Container`, `Pod` or `PersistentVolumeClaim`.
    pub kind: Option<Written<String>>,
    /// `default`: limits of containers that have none.
    pub default: Vec<(String, Written<Quantity>)>,
    /// `defaultRequest`: requests of containers that have none.
    pub default_request: Vec<(String, Written<Quantity>)>,
    /// `min`.
    pub min: Vec<(String, Written<Quantity>)>,
    /// `max`.
    pub max: Vec<(String, Written<Quantity>)>,
}

impl LimitRange {
    /// The request for a resource that a container without request and limit gets: the default request, or else the
    /// default limit, the largest or the least amount (`pkg/apis/core/v1/defaults.go`, `SetDefaults_LimitRangeItem`).
    #[must_use]
    pub fn default_request(&self, resource: &str) -> Option<&Written<Quantity>> {
        fn amount<'a>(
            listed: &'a [(String, Written<Quantity>)],
            resource: &str,
        ) -> Option<&'a Written<Quantity>> {
            let found = listed.iter().find(|(name, _)| name == resource);
            found.map(|(_, quantity)| quantity)
        }
        let mut of_containers = self.limits.iter().map(|item| &item.value).filter(|item| {
            let kind = item.kind.as_ref();
            kind.is_some_and(|kind| kind.value == "Container")
        });
        of_containers.find_map(|item| {
            amount(&item.default_request, resource)
                .or_else(|| amount(&item.default, resource))
                .or_else(|| amount(&item.max, resource))
                .or_else(|| amount(&item.min, resource))
        })
    }
}

pub(crate) fn read_quota(decoder: &mut Decoder, object: &Field<'_>) -> Option<ResourceQuota> {
    let spec = decoder.object(object, "spec")?;
    let hard = decoder.object(&spec, "hard");
    let hard = hard.map(|hard| decoder.quantities(&hard));
    let scopes = decoder.texts(&spec, "scopes");
    Some(ResourceQuota {
        hard: hard.unwrap_or_default(),
        scopes: scopes.map(|list| list.value).unwrap_or_default(),
        scope_selector: decoder
            .object(&spec, "scopeSelector")
            .map(|selector| selector.written(())),
    })
}

pub(crate) fn read_limit_range(decoder: &mut Decoder, object: &Field<'_>) -> Option<LimitRange> {
    let spec = decoder.object(object, "spec")?;
    let mut limits = Vec::new();
    let listed = decoder.objects(&spec, "limits");
    for item in listed.into_iter().flat_map(|list| list.value) {
        let kind = decoder.string(&item, "type");
        let mut read = |key: &str| {
            let list = decoder.object(&item, key);
            let list = list.map(|list| decoder.quantities(&list));
            list.unwrap_or_default()
        };
        let item_as_written = LimitRangeItem {
            kind,
            default: read("default"),
            default_request: read("defaultRequest"),
            min: read("min"),
            max: read("max"),
        };
        limits.push(item.written(item_as_written));
    }
    Some(LimitRange { limits })
}
