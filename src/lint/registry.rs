//! `RULES`: the one list, in code order. A code is given once and keeps its meaning.

use super::finding::Severity::{Error, Info, Warning};
use super::rule::Rule;
use super::{replay_rules, rules};

/// Makes the list: code, name, severity, and the file in `rules/`, or after `replay:` in `replay_rules/`, whose `check` is
/// called and whose head comment is the explanation.
macro_rules! rules {
    ($($code:literal $slug:literal $severity:ident $module:ident;)*
     replay: $($played:literal $name:literal $level:ident $file:ident;)*) => {
        /// Every rule, in code order.
        pub static RULES: &[Rule] = &[
            $(Rule {
                code: $code,
                slug: $slug,
                severity: $severity,
                text: include_str!(concat!("rules/", stringify!($module), ".rs")),
                check: rules::$module::check,
            },)*
            $(Rule {
                code: $played,
                slug: $name,
                severity: $level,
                text: include_str!(concat!("replay_rules/", stringify!($file), ".rs")),
                check: |context, findings| {
                    replay_rules::check_each(context, findings, replay_rules::$file::check);
                },
            },)*
        ];

        #[cfg(test)]
        const MODULES: &[&str] = &[$(stringify!($module),)* $(stringify!($file)),*];
    };
}

rules! {
    "SP001" "unreadable"                 Error   unreadable;
    "SP002" "unused-suppression"         Warning unused_suppression;
    "SP003" "bad-suppression"            Warning bad_suppression;

    "SP100" "refused-value"              Error   refused_value;
    "SP101" "max-below-min"              Error   max_below_min;
    "SP102" "scale-to-zero-unsupported"  Error   scale_to_zero_unsupported;
    "SP103" "window-out-of-range"        Error   window_out_of_range;
    "SP104" "policy-out-of-range"        Error   policy_out_of_range;
    "SP105" "empty-policies"             Error   empty_policies;
    "SP106" "metric-shape"               Error   metric_shape;
    "SP107" "removed-api-version"        Error   removed_api_version;
    "SP108" "unknown-field"              Error   unknown_field;
    "SP109" "tolerance-version"          Error   tolerance_version;
    "SP110" "implicit-metric"            Info    implicit_metric;
    "SP111" "min-unset"                  Info    min_unset;
    "SP112" "single-replica-floor"       Warning single_replica_floor;
    "SP113" "no-room"                    Warning no_room;
    "SP114" "narrow-room"                Info    narrow_room;

    "SP201" "dangling-target"            Error   dangling_target;
    "SP202" "unscalable-target"          Error   unscalable_target;
    "SP203" "target-apiversion-mismatch" Warning target_apiversion_mismatch;
    "SP204" "static-replicas"            Warning static_replicas;
    "SP205" "static-replicas-outside"    Error   static_replicas_outside;
    "SP206" "duplicate-hpa"              Error   duplicate_hpa;
    "SP207" "hpa-selector-overlap"       Error   hpa_selector_overlap;
    "SP208" "selector-matches-others"    Warning selector_matches_others;
    "SP209" "hpa-and-scaledobject"       Error   hpa_and_scaledobject;
    "SP210" "hpa-and-vpa-same-metric"    Error   hpa_and_vpa_same_metric;
    "SP211" "pdb-blocks-drain"           Error   pdb_blocks_drain;
    "SP212" "no-pdb"                     Info    no_pdb;
    "SP213" "quota-below-max"            Error   quota_below_max;
    "SP214" "quota-at-rollout"           Warning quota_at_rollout;
    "SP215" "capacity-below-max"         Warning capacity_below_max;
    "SP216" "anti-affinity-below-max"    Warning anti_affinity_below_max;
    "SP217" "limitrange-dependent"       Info    limitrange_dependent;
    "SP218" "recreate-strategy"          Warning recreate_strategy;

    "SP301" "missing-request"            Error   missing_request;
    "SP302" "injected-sidecar"           Warning injected_sidecar;
    "SP303" "prefer-container-resource"  Info    prefer_container_resource;
    "SP304" "unknown-container"          Error   unknown_container;
    "SP305" "no-readiness-probe"         Warning no_readiness_probe;
    "SP306" "slow-readiness-floor"       Warning slow_readiness_floor;
    "SP307" "min-ready-seconds"          Info    min_ready_seconds;
    "SP308" "request-far-below-limit"    Warning request_far_below_limit;
    "SP309" "target-inside-tolerance"    Error   target_inside_tolerance;
    "SP310" "target-above-ceiling"       Error   target_above_ceiling;
    "SP311" "headroom-thin"              Warning headroom_thin;
    "SP312" "memory-utilization"         Warning memory_utilization;
    "SP313" "target-very-low"            Info    target_very_low;
    "SP314" "grace-too-short"            Warning grace_too_short;

    "SP401" "scale-up-disabled"          Error   scale_up_disabled;
    "SP402" "scale-down-disabled"        Warning scale_down_disabled;
    "SP403" "scale-up-window"            Warning scale_up_window;
    "SP404" "scale-down-window-zero"     Warning scale_down_window_zero;
    "SP405" "window-below-startup"       Warning window_below_startup;
    "SP406" "slow-ramp"                  Warning slow_ramp;
    "SP407" "slow-drain"                 Info    slow_drain;
    "SP408" "dead-policy"                Info    dead_policy;
    "SP409" "period-below-sync"          Info    period_below_sync;
    "SP410" "behavior-nil"               Info    behavior_nil;
    "SP411" "from-zero-percent-only"     Warning from_zero_percent_only;
    "SP412" "external-value-runaway"     Warning external_value_runaway;
    "SP413" "fragile-metric"             Info    fragile_metric;

    "SP501" "so-bounds"                Error   so_bounds;
    "SP502" "so-cpu-to-zero"           Error   so_cpu_to_zero;
    "SP503" "so-triggers"              Error   so_triggers;
    "SP504" "so-fallback"              Error   so_fallback;
    "SP505" "so-polling-irrelevant"    Info    so_polling_irrelevant;
    "SP506" "so-cooldown-irrelevant"   Warning so_cooldown_irrelevant;
    "SP507" "so-name-length"           Error   so_name_length;
    "SP508" "so-modifiers"             Error   so_modifiers;
    "SP509" "so-requests"              Error   so_requests;
    "SP510" "so-max-default"           Warning so_max_default;
    "SP511" "so-paused"                Info    so_paused;

    "SP601" "vm-allocation-ratio"      Error   vm_allocation_ratio;
    "SP602" "vm-probe-floor"           Warning vm_probe_floor;
    "SP603" "vm-no-readiness"          Warning vm_no_readiness;
    "SP604" "vm-guest-agent"           Info    vm_guest_agent;
    "SP605" "vm-hpa-apiversion"        Error   vm_hpa_apiversion;
    "SP606" "vm-slow-prepare"          Warning vm_slow_prepare;
    "SP607" "vm-window"                Warning vm_window;

    replay:
    "SP901" "slo-violation"                  Error   slo_violation;
    "SP902" "scale-lag"                      Warning scale_lag;
    "SP903" "ramp-outruns-policy"            Warning ramp_outruns_policy;
    "SP904" "saturation-capped"              Warning saturation_capped;
    "SP905" "pinned-at-max"                  Error   pinned_at_max;
    "SP906" "max-never-near"                 Info    max_never_near;
    "SP907" "oscillation"                    Warning oscillation;
    "SP908" "premature-scale-in"             Warning premature_scale_in;
    "SP909" "dead-band-slo"                  Warning dead_band_slo;
    "SP910" "small-count-quantisation"       Info    small_count_quantisation;
    "SP911" "cannot-return-to-min"           Warning cannot_return_to_min;
    "SP912" "unready-dampening"              Warning unready_dampening;
    "SP913" "startup-cpu-overshoot"          Warning startup_cpu_overshoot;
    "SP914" "rollout-overshoot"              Warning rollout_overshoot;
    "SP915" "stale-metric-double-step"       Warning stale_metric_double_step;
    "SP916" "metric-outage"                  Warning metric_outage;
    "SP917" "min-too-low"                    Warning min_too_low;
    "SP918" "min-too-high"                   Info    min_too_high;
    "SP919" "target-too-high-for-backend"    Warning target_too_high_for_backend;
    "SP920" "backend-infeasible"             Error   backend_infeasible;
    "SP921" "lb-path-bound"                  Warning lb_path_bound;
    "SP922" "cold-start-zero"                Warning cold_start_zero;
    "SP923" "node-provisioning-bound"        Warning node_provisioning_bound;
    "SP924" "quota-hit"                      Error   quota_hit;
    "SP925" "n-minus-one"                    Warning n_minus_one;
    "SP926" "cost-above-optimal"             Info    cost_above_optimal;
    "SP927" "trace-insufficient"             Info    trace_insufficient;
}

/// The rule of this code or name.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.code.eq_ignore_ascii_case(name) || rule.slug == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The headings that every explanation has, in this order.
    const HEADINGS: [&str; 5] = [
        "What it does",
        "Why is this bad",
        "Example",
        "Fix",
        "Evidence",
    ];

    #[track_caller]
    fn check_all(problem_of: impl Fn(&Rule) -> Option<String>) {
        let problems: Vec<String> = RULES
            .iter()
            .filter_map(|rule| problem_of(rule).map(|problem| format!("{rule:?}: {problem}")))
            .collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn codes_are_in_order_and_neither_code_nor_name_is_given_twice() {
        for pair in RULES.windows(2) {
            assert!(
                pair[0].code < pair[1].code,
                "{:?} before {:?}",
                pair[0],
                pair[1]
            );
        }
        check_all(|rule| {
            let same = RULES.iter().filter(|other| other.slug == rule.slug).count();
            (same > 1).then(|| "its name is given twice".to_owned())
        });
        for (rule, module) in RULES.iter().zip(MODULES) {
            assert_eq!(rule.slug.replace('-', "_"), *module, "the file of {rule:?}");
        }
        check_all(|rule| {
            let digits = rule.code.strip_prefix("SP").unwrap_or_default();
            let is_code = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
            (!is_code).then(|| "no code of the form SP123".to_owned())
        });
    }

    #[test]
    fn every_rule_is_explained_under_the_same_headings() {
        check_all(|rule| {
            let sections = rule.sections();
            let headings: Vec<_> = sections.iter().map(|section| section.heading).collect();
            (headings != HEADINGS).then(|| format!("headings {headings:?}"))
        });
        check_all(|rule| {
            let empty = rule.sections().into_iter().find(|it| it.body.is_empty());
            empty.map(|section| format!("nothing under `{}`", section.heading))
        });
        check_all(|rule| {
            let is_sentence = rule.title().ends_with('.');
            (!is_sentence).then(|| format!("`{}` is no sentence", rule.title()))
        });
    }

    #[test]
    fn every_rule_has_manifests_that_fire_and_manifests_that_do_not() {
        check_all(|rule| {
            let tests = rule
                .text
                .split_once("#[cfg(test)]")
                .map_or("", |(_, tests)| tests);
            for helper in ["fires", "silent"] {
                let calls = [format!("{helper}("), format!("{helper}_with(")];
                if !calls.iter().any(|call| tests.contains(call)) {
                    return Some(format!("no test calls `{helper}(..)`"));
                }
            }
            (!tests.contains(rule.code)).then(|| "its tests name another code".to_owned())
        });
    }

    #[test]
    fn a_rule_is_found_by_code_and_by_name() {
        assert_eq!(rule("sp204"), rule("static-replicas"));
        assert_eq!(rule("SP999"), None);
    }
}
