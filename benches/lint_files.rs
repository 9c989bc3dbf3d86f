//! Reads and lints a thousand files of four documents, against the bare YAML parser on the same texts.
//!
//! Run with `cargo bench --bench lint_files`; another number of files may follow after `--`. Both read the files from the
//! page cache, each on one thread and on all. The bare parser is `saphyr-parser`, with which manifests are read too: one
//! parser a file over the whole text, that only counts its events. The figures to hold: 15,000 files/s on two cores, and
//! half the speed of the bare parser, on as many threads.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use saphyr_parser::Parser;
use scaleplan::lint::{Selection, Settings, lint};
use scaleplan::manifest::{ObjectReader, Objects, Source};

const ROUNDS: usize = 15;

fn main() {
    let count = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files: Vec<PathBuf> = (0..count)
        .map(|index| write_file(folder.path(), index))
        .collect();
    let bytes: u64 = files.iter().map(|file| size_of(file)).sum();
    println!(
        "{count} files of 4 documents, {:.2} MB, {:.1} KB each",
        bytes as f64 / 1e6,
        bytes as f64 / 1e3 / count as f64
    );
    for threads in [1, rayon::current_num_threads()] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("threads");
        let (mut whole, mut reading, mut bare) = (Duration::MAX, Duration::MAX, Duration::MAX);
        let mut findings = 0;
        // In turns, so that whatever else the machine does meets all.
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let objects = pool.install(|| read_all(&files));
            reading = reading.min(start.elapsed());
            assert_eq!(objects.objects.len(), 4 * count);
            findings = pool
                .install(|| lint(&objects, &Settings::USUAL, &Selection::default()))
                .findings
                .len();
            whole = whole.min(start.elapsed());
            drop(objects);
            let start = Instant::now();
            assert!(pool.install(|| count_events(&files)) > 4 * count);
            bare = bare.min(start.elapsed());
        }
        let speed = |time: Duration| count as f64 / time.as_secs_f64();
        println!(
            "{threads} threads: read and lint {:.0} files/s ({findings} findings; reading alone {:.0}), bare parser {:.0}, \
             {:.2} of its speed",
            speed(whole),
            speed(reading),
            speed(bare),
            bare.as_secs_f64() / whole.as_secs_f64()
        );
    }
}

/// As the command line does it.
fn read_all(files: &[PathBuf]) -> Objects {
    let read: Vec<Objects> = files
        .par_iter()
        .map_init(ObjectReader::new, |reader, file| {
            reader.read(Source {
                name: file.to_string_lossy().into_owned(),
                bytes: fs::read(file).expect("the file just written"),
            })
        })
        .collect();
    let mut all = Objects::default();
    for objects in read {
        all.append(objects);
    }
    all
}

fn count_events(files: &[PathBuf]) -> usize {
    let count = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("the file just written");
        Parser::new_from_str(&text)
            .inspect(|event| assert!(event.is_ok(), "it is YAML"))
            .count()
    };
    files.par_iter().map(count).sum()
}

fn size_of(file: &Path) -> u64 {
    file.metadata().expect("the file just written").len()
}

/// A Deployment, a Service, an autoscaler and a PodDisruptionBudget, as people write them.
fn write_file(folder: &Path, index: usize) -> PathBuf {
    let text = format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{index}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: app-{index}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{index}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-{index}
    spec:
      containers:
      - name: app
        image: registry.example.com/team-{team}/app-{index}:1.2.3
        ports:
        - name: http
          containerPort: 8080
        resources:
          requests:
            cpu: 250m
            memory: 256Mi
          limits:
            memory: 512Mi
        readinessProbe:
          httpGet:
            path: /ready
            port: http
          periodSeconds: 5
---
apiVersion: v1
kind: Service
metadata:
  name: app-{index}
  namespace: team-{team}
spec:
  selector:
    app.kubernetes.io/name: app-{index}
  ports:
  - name: http
    port: 80
    targetPort: http
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: app-{index}
  namespace: team-{team}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: app-{index}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 70
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: app-{index}
  namespace: team-{team}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{index}
",
        team = index % 20
    );
    let path = folder.join(format!("app-{index}.yaml"));
    fs::write(&path, text).expect("a file");
    path
}
