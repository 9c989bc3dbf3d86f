//! What KEDA's scalers call their External metrics, and which member of a trigger's metadata is the target.
//!
//! Follows `GetMetricSpecForScaling` and the metadata of each scaler in `pkg/scalers` of KEDA 2.17 to 2.20.

use super::scaled_object::Trigger;

/// What is known of a sort of trigger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaler {
    /// The values of `type`.
    kinds: &'static [&'static str],
    /// The metric's name after `s<index>-`; `{a|b}` stands for the first of the members of metadata that is given.
    name: &'static str,
    /// The member of metadata that is aimed at, the older names after the newer ones.
    pub(crate) targets: &'static [&'static str],
    /// What is aimed at where none is given; `None` where KEDA then refuses the trigger.
    pub(crate) default: Option<f64>,
}

const fn scaler(
    kinds: &'static [&'static str],
    name: &'static str,
    targets: &'static [&'static str],
    default: Option<f64>,
) -> Scaler {
    Scaler {
        kinds,
        name,
        targets,
        default,
    }
}

/// The scalers whose metric and target the metadata settles.
const SCALERS: &[Scaler] = &[
    scaler(
        &["activemq"],
        "activemq-{destinationName}",
        &["targetQueueSize"],
        Some(10.0),
    ),
    scaler(
        &["apache-kafka"],
        "kafka-{topic|consumerGroup}",
        &["lagThreshold"],
        Some(10.0),
    ),
    scaler(
        &["artemis-queue"],
        "artemis-{queueName}",
        &["queueLength"],
        Some(10.0),
    ),
    scaler(
        &["aws-cloudwatch"],
        "aws-cloudwatch-{dimensionName|metricName}",
        &["targetMetricValue"],
        None,
    ),
    scaler(
        &["aws-dynamodb"],
        "aws-dynamodb-{tableName}",
        &["targetValue"],
        None,
    ),
    scaler(
        &["aws-dynamodb-streams"],
        "aws-dynamodb-streams-{tableName}",
        &["shardCount"],
        Some(2.0),
    ),
    scaler(
        &["aws-kinesis-stream"],
        "aws-kinesis-{streamName}",
        &["shardCount"],
        Some(2.0),
    ),
    scaler(
        &["aws-s3"],
        "aws-s3-{bucketName}",
        &["targetObjectCount"],
        Some(5.0),
    ),
    scaler(
        &["aws-sqs-queue"],
        "aws-sqs-{queueURL}",
        &["queueLength"],
        Some(5.0),
    ),
    scaler(
        &["azure-app-insights"],
        "azure-app-insights-{metricId}",
        &["targetValue"],
        None,
    ),
    scaler(
        &["azure-blob"],
        "azure-blob-{blobContainerName}",
        &["blobCount"],
        Some(5.0),
    ),
    scaler(
        &["azure-eventhub"],
        "azure-eventhub-{consumerGroup}",
        &["unprocessedEventThreshold"],
        Some(64.0),
    ),
    scaler(
        &["azure-log-analytics"],
        "azure-log-analytics-{workspaceId}",
        &["threshold"],
        None,
    ),
    scaler(
        &["azure-monitor"],
        "azure-monitor-{metricName}",
        &["targetValue"],
        None,
    ),
    scaler(
        &["azure-pipelines"],
        "azure-pipelines-{poolID}",
        &["targetPipelinesQueueLength"],
        Some(1.0),
    ),
    scaler(
        &["azure-queue"],
        "azure-queue-{queueName}",
        &["queueLength"],
        Some(5.0),
    ),
    scaler(
        &["azure-servicebus"],
        "azure-servicebus-{queueName|topicName}",
        &["messageCount"],
        Some(5.0),
    ),
    scaler(
        &["datadog"],
        "datadog-{query|datadogMetricName}",
        &["targetValue", "queryValue"],
        None,
    ),
    scaler(
        &["elastic-forecast"],
        "elastic-forecast-{jobID|jobId}",
        &["targetValue", "threshold"],
        None,
    ),
    scaler(
        &["elasticsearch"],
        "elasticsearch-{searchTemplateName}",
        &["targetValue"],
        None,
    ),
    scaler(
        &["gcp-cloudtasks"],
        "gcp-ct-{queueName}",
        &["value"],
        Some(100.0),
    ),
    scaler(
        &["gcp-pubsub"],
        "gcp-ps-{subscriptionName|topicName}",
        &["value", "subscriptionSize"],
        Some(10.0),
    ),
    scaler(
        &["gcp-stackdriver"],
        "gcp-stackdriver-{projectId}",
        &["targetValue"],
        Some(5.0),
    ),
    scaler(
        &["gcp-storage"],
        "gcp-storage-{bucketName}",
        &["targetObjectCount"],
        Some(100.0),
    ),
    scaler(
        &["github-runner"],
        "github-runner-{owner}",
        &["targetWorkflowQueueLength"],
        Some(1.0),
    ),
    scaler(&["graphite"], "graphite", &["threshold"], None),
    scaler(&["ibmmq"], "ibmmq-{queueName}", &["queueDepth"], Some(20.0)),
    scaler(
        &["influxdb"],
        "influxdb-{organizationName}",
        &["thresholdValue"],
        None,
    ),
    scaler(
        &["kafka"],
        "kafka-{topic|consumerGroup}",
        &["lagThreshold"],
        Some(10.0),
    ),
    scaler(&["kubernetes-workload"], "workload-", &["value"], None),
    scaler(&["loki"], "loki", &["threshold"], None),
    scaler(
        &["metrics-api"],
        "metric-api-{valueLocation}",
        &["targetValue"],
        None,
    ),
    scaler(&["mongodb"], "mongodb-{collection}", &["queryValue"], None),
    scaler(&["mssql"], "mssql", &["targetValue"], None),
    scaler(&["mysql"], "mysql-{dbName}", &["queryValue"], None),
    scaler(
        &["nats-jetstream"],
        "nats-jetstream-{stream}",
        &["lagThreshold"],
        Some(10.0),
    ),
    scaler(&["new-relic"], "new-relic", &["threshold"], None),
    scaler(&["postgresql"], "postgresql", &["targetQueryValue"], None),
    scaler(
        &["predictkube"],
        "predictkube-{metricName}",
        &["threshold"],
        None,
    ),
    scaler(&["prometheus"], "prometheus", &["threshold"], None),
    scaler(
        &["pulsar"],
        "pulsar-{topic}",
        &["msgBacklogThreshold", "msgBacklog"],
        Some(10.0),
    ),
    scaler(
        &["rabbitmq"],
        "rabbitmq-{queueName}",
        &["value", "queueLength"],
        Some(20.0),
    ),
    scaler(
        &["redis", "redis-cluster", "redis-sentinel"],
        "redis-{listName}",
        &["listLength"],
        Some(5.0),
    ),
    scaler(
        &[
            "redis-streams",
            "redis-cluster-streams",
            "redis-sentinel-streams",
        ],
        "redis-streams-{stream}",
        &["lagCount", "pendingEntriesCount", "streamLength"],
        Some(5.0),
    ),
    scaler(
        &["splunk"],
        "splunk-{savedSearchName}",
        &["targetValue"],
        None,
    ),
    scaler(
        &["splunk-observability"],
        "splunk-observability",
        &["targetValue"],
        None,
    ),
    scaler(&["stan"], "stan-{subject}", &["lagThreshold"], Some(10.0)),
];

/// Of cron the value is `desiredReplicas`, and each replica counts for one of them.
const CRON: Scaler = scaler(&["cron"], "cron", &[], Some(1.0));
/// Of Selenium the value is the number of waiting and running sessions, one for each replica.
const SELENIUM: Scaler = scaler(
    &["selenium-grid"],
    "selenium-grid-{browserName}-{browserVersion}-{platformName}",
    &[],
    Some(1.0),
);

/// What is known of a trigger's type; `None` where a scaler outside the manifest settles metric and target, or where
/// the type isn't known.
pub(crate) fn scaler_of(kind: &str) -> Option<&'static Scaler> {
    let all = SCALERS.iter().chain([&CRON, &SELENIUM]);
    all.into_iter().find(|scaler| scaler.kinds.contains(&kind))
}

/// The members of metadata that say above which value a trigger is active: `activation` before the target's own name, in
/// every scaler that has one.
pub(crate) fn activation_keys(scaler: &Scaler) -> Vec<String> {
    let own: &[&str] = match scaler.kinds {
        ["selenium-grid"] => &["activationThreshold"],
        ["splunk"] => &["activationValue"],
        _ => &[],
    };
    let named = scaler.targets.iter().filter_map(|target| {
        let (first, rest) = target.split_at_checked(1)?;
        Some(format!("activation{}{rest}", first.to_uppercase()))
    });
    own.iter()
        .map(|key| (*key).to_owned())
        .chain(named)
        .collect()
}

/// Whether a trigger's target is a number with a fraction in KEDA's source (`float64`), not a whole one.
pub(crate) fn takes_fractions(scaler: &Scaler) -> bool {
    const WHOLE: [&str; 23] = [
        "activemq",
        "apache-kafka",
        "artemis-queue",
        "aws-dynamodb",
        "aws-dynamodb-streams",
        "aws-kinesis-stream",
        "aws-s3",
        "aws-sqs-queue",
        "azure-blob",
        "azure-eventhub",
        "azure-pipelines",
        "azure-queue",
        "azure-servicebus",
        "gcp-storage",
        "github-runner",
        "ibmmq",
        "kafka",
        "nats-jetstream",
        "pulsar",
        "redis",
        "redis-streams",
        "splunk",
        "stan",
    ];
    !scaler.kinds.iter().any(|kind| WHOLE.contains(kind))
}

/// That value where none is given.
pub(crate) fn default_activation(scaler: &Scaler) -> f64 {
    match scaler.kinds {
        ["artemis-queue"] => 10.0,
        _ => 0.0,
    }
}

/// The name of a trigger's External metric, of the trigger's place in the list and the ScaledObject's namespace.
pub(crate) fn metric_name(
    scaler: &Scaler,
    trigger: &Trigger,
    index: usize,
    namespace: Option<&str>,
) -> String {
    let is_absent = |key| trigger.metadata(key).is_none_or(str::is_empty);
    let name = match scaler.kinds {
        ["cron"] => cron_name(trigger),
        ["elasticsearch"] if is_absent("searchTemplateName") => "elasticsearch-query".to_owned(),
        ["kubernetes-workload"] => {
            format!("workload-{}", namespace.unwrap_or("default"))
        }
        ["kafka"] if is_absent("topic") => {
            let group = trigger.metadata("consumerGroup").unwrap_or_default();
            format!("kafka-{group}-topics")
        }
        ["selenium-grid"] => selenium_name(trigger),
        _ => filled(scaler.name, trigger),
    };
    format!("s{index}-{}", normalized(&name))
}

fn filled(template: &str, trigger: &Trigger) -> String {
    let Some((before, rest)) = template.split_once('{') else {
        return template.to_owned();
    };
    let (keys, after) = rest.split_once('}').unwrap_or((rest, ""));
    let mut given = keys
        .split('|')
        .filter_map(|key| Some((key, trigger.metadata(key)?)));
    let value = match given.find(|(_, value)| !value.is_empty()) {
        // The last part of `https://sqs.eu-west-1.amazonaws.com/account/queue`.
        Some(("queueURL", url)) => url.rsplit('/').next().unwrap_or(url),
        // A metric's name ends where its labels begin; of several dimensions, the first.
        Some(("query", query)) => query.split('{').next().unwrap_or(query),
        Some(("dimensionName", names)) => names.split(';').next().unwrap_or(names),
        Some((_, value)) => value,
        None if keys == "consumerGroup" => "$Default",
        None => "",
    };
    format!("{before}{value}{after}")
}

/// As `parseCronTimeFormat` writes the two times.
fn cron_name(trigger: &Trigger) -> String {
    let time = |key: &str| {
        let time = trigger.metadata(key).unwrap_or_default();
        time.replace(' ', "")
            .replace('*', "x")
            .replace('/', "Sl")
            .replace('?', "Qm")
    };
    let zone = trigger.metadata("timezone").unwrap_or_default();
    format!("cron-{zone}-{}-{}", time("start"), time("end"))
}

/// What is given of browser, version and platform.
fn selenium_name(trigger: &Trigger) -> String {
    let keys = ["browserName", "browserVersion", "platformName"];
    let given = keys.into_iter().filter_map(|key| trigger.metadata(key));
    given
        .filter(|value| !value.is_empty())
        .fold("selenium-grid".to_owned(), |name, value| {
            format!("{name}-{value}")
        })
}

/// As `NormalizeString` makes it fit for a metric's name.
fn normalized(name: &str) -> String {
    name.replace(['/', '.', ':', '%', '(', ')'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, metadata: &[(&str, &str)], expected: &str) {
        let trigger = Trigger {
            kind: None,
            name: None,
            metric_type: None,
            use_cached_metrics: None,
            metadata: metadata
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let scaler = scaler_of(kind).expect("the type is known");
        assert_eq!(metric_name(scaler, &trigger, 1, Some("shop")), expected);
    }

    #[test]
    fn metrics_are_named_as_keda_names_them() {
        check("prometheus", &[("metricName", "x")], "s1-prometheus");
        check("rabbitmq", &[("queueName", "a.b/c")], "s1-rabbitmq-a-b-c");
        check(
            "kafka",
            &[("topic", "t"), ("consumerGroup", "g")],
            "s1-kafka-t",
        );
        check("kafka", &[("consumerGroup", "g")], "s1-kafka-g-topics");
        check(
            "aws-sqs-queue",
            &[("queueURL", "https://sqs.eu-west-1.amazonaws.com/1/orders")],
            "s1-aws-sqs-orders",
        );
        check(
            "azure-servicebus",
            &[("topicName", "t")],
            "s1-azure-servicebus-t",
        );
        check("azure-eventhub", &[], "s1-azure-eventhub-$Default");
        check("redis-sentinel", &[("listName", "l")], "s1-redis-l");
        check(
            "cron",
            &[
                ("timezone", "Europe/Berlin"),
                ("start", "0 6 * * 1-5"),
                ("end", "*/5 20 * * ?"),
            ],
            "s1-cron-Europe-Berlin-06xx1-5-xSl520xxQm",
        );
        check(
            "selenium-grid",
            &[("browserName", "chrome"), ("browserVersion", "91.0")],
            "s1-selenium-grid-chrome-91-0",
        );
        check("kubernetes-workload", &[], "s1-workload-shop");
        check(
            "elasticsearch",
            &[("index", "orders")],
            "s1-elasticsearch-query",
        );
        check(
            "datadog",
            &[("query", "sum:a.b{c:d}")],
            "s1-datadog-sum-a-b",
        );
    }

    #[test]
    fn a_type_is_in_the_table_once() {
        let mut kinds: Vec<&str> = SCALERS.iter().flat_map(|it| it.kinds).copied().collect();
        let number = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), number);
        assert!(scaler_of("external").is_none());
    }
}
