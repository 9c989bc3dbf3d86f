//! The real binary in temporary folders: what it reads, what it writes, what it says and how it ends.

/// Settings and manifests that are legal, and that nobody would write.
mod absurd;
/// Manifests, traces and scenario files that cannot be played.
mod bad_input;
/// Measurements made scenario files.
mod calibrate;
/// The lines that `docs/ci` offers, run in a repository.
mod ci_snippets;
/// Two versions side by side: folders, files and git revisions.
mod diff;
/// Saved runs explained, reported and drawn.
mod explain_run;
/// Completions and manual pages, as `docs/install.md` installs them.
mod install;
/// Findings in every form, settings, baselines, fixes, and how `lint` ends.
mod lint;
/// Findings of replays: loads, scenario files and settings that name them.
mod lint_replay;
/// Reports, pictures, exit codes, colour and pipes.
mod output;
/// Advice: what its flags refuse, what it writes, and what it says on the file that it wrote.
mod recommend;
/// Advice: what has to be edited along with it, what is not written unasked, and what stands beside verdicts.
mod recommend_beside;
/// Files, folders, archives, standard input, the scenario file and flags.
mod sources;
/// Workloads: surveys, conversions, parts, multiples, splices and made-up ones.
mod trace;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

/// Two minutes with a peak.
pub(crate) const LOAD: &str =
    "timestamp,rps\n0,10\n15,20\n30,60\n45,80\n60,80\n75,40\n90,20\n105,10\n120,10\n";

/// An autoscaler and its Deployment.
pub(crate) const WEB: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: registry.example/web
        resources: {requests: {cpu: 200m, memory: 100Mi}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
";

/// A folder of its own for each test, with `load.csv` and `web.yaml` in it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// How a run of the binary ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let sandbox = Self {
            folder: TempDir::new().expect("a temporary folder"),
        };
        sandbox.write("load.csv", LOAD);
        sandbox.write("web.yaml", WEB);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        let above = path.parent().expect("a file stands in a folder");
        fs::create_dir_all(above).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// The names in the folder, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// The binary in this folder, with an environment that says nothing.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scaleplan"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .timeout(Duration::from_secs(60));
        command
    }

    /// Runs the binary with arguments, split at blanks.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command().args(arguments.split_whitespace()))
    }

    fn run_with(&self, arguments: &str, stdin: impl Into<Vec<u8>>) -> Ran {
        let mut command = self.command();
        Ran::of(
            command
                .args(arguments.split_whitespace())
                .write_stdin(stdin),
        )
    }

    /// Plays `web.yaml` against `load.csv`, two runs.
    fn play(&self, arguments: &str) -> Ran {
        self.run(&format!(
            "simulate web.yaml --trace load.csv --runs 2 -q {arguments}"
        ))
    }
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the binary runs");
        let ran = Self {
            code: output.status.code().expect("it ends by itself, in time"),
            stdout: String::from_utf8(output.stdout).expect("a report in UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages in UTF-8"),
        };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }

    /// A report came, and nothing but chatter beside it.
    #[track_caller]
    pub(crate) fn report(self) -> String {
        assert!(matches!(self.code, 0 | 1), "{}: {}", self.code, self.stderr);
        assert!(!self.stderr.contains("error:"), "{}", self.stderr);
        assert!(!self.stdout.is_empty());
        for nonsense in ["NaN", "inf ", "-0 "] {
            assert!(
                !self.stdout.contains(nonsense),
                "{nonsense}: {}",
                self.stdout
            );
        }
        self.stdout
    }

    /// It ended with 2 and one message, which begins so.
    #[track_caller]
    fn refused(&self, beginning: &str) {
        let errors: Vec<&str> = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!(self.code, 2, "{}", self.stderr);
        assert_eq!(self.stdout, "");
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        assert!(
            errors[0]["error: ".len()..].starts_with(beginning),
            "\nfound    {}\nexpected error: {beginning}",
            errors[0]
        );
        let strays = |letter: char| letter.is_control() && letter != '\n';
        assert!(!self.stderr.contains(strays), "{:?}", self.stderr);
    }
}
