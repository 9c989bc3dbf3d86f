//! Live sources: a made-up server that misbehaves, a real Prometheus on loopback, and a made-up kubectl.

/// What the user's kubectl brings, and how it fails.
mod kubectl;
/// A server of a few lines whose answers a test writes.
mod made_up_server;
/// Answers, parts, secrets and every way in which a server misbehaves.
mod prometheus;
/// The package's own Prometheus with a block made by its own promtool.
mod real_prometheus;
