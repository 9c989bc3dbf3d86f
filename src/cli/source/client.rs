//! One question to a Prometheus over HTTP(S): asked again while it may help, within a time limit.

use std::io::Read as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use ureq::config::RedirectAuthHeaders;
use ureq::http::{Response, StatusCode, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Error, ResponseExt as _};

use super::credentials::Credentials;
use super::live_args::PrometheusArgs;
use crate::cli::{input, output};

/// How often a question is asked before it is given up.
const ATTEMPTS: u32 = 5;
/// The wait before the second attempt; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long one answer may take, unless told.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read, unpacked, bytes.
const LARGEST_ANSWER: u64 = 256 << 20;
/// The largest answer with an error that is read, bytes.
const LARGEST_COMPLAINT: u64 = 64 << 10;
/// A question longer than this is sent as a form, as servers bound the length of an address.
const LONGEST_ADDRESS: usize = 4096;

/// What speaks to one Prometheus.
pub(super) struct Client {
    agent: Agent,
    /// Without the slash at its end.
    base: String,
    credentials: Option<Credentials>,
    tenant: Option<String>,
    timeout: Duration,
}

/// What came back.
pub(super) enum Reply {
    /// A body that says it went well.
    Answer(Vec<u8>),
    /// The question as such was refused.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The body, or as much of it as a complaint may be long.
        complaint: Vec<u8>,
    },
}

/// Why an attempt failed.
enum Failure {
    /// Another attempt may do better, after this wait if the server names one.
    Passing(String, Option<Duration>),
    /// Another attempt would fail likewise.
    Lasting(String),
}

impl Client {
    /// Reads what is needed to ask: address, secrets, certificates.
    ///
    /// # Errors
    /// When one of them is not what it should be.
    pub(super) fn new(address: &str, args: &PrometheusArgs) -> Result<Self> {
        let base = base_of(address)?;
        let credentials = Credentials::of(args)?;
        if let Some(tenant) = &args.prometheus_tenant
            && !tenant.bytes().all(|byte| byte.is_ascii_graphic())
        {
            bail!("--prometheus-tenant: expected one word of printable ASCII");
        }
        if credentials.is_some() && base.starts_with("http://") && !is_loopback(&base) {
            output::warning(&format!(
                "{base}: the secret goes there unencrypted, as the address begins with http://"
            ));
        }
        let timeout = args.prometheus_timeout.map_or(DEFAULT_TIMEOUT, |span| {
            Duration::from_secs_f64(span.0.min(86_400.0))
        });
        if timeout.is_zero() {
            bail!("--prometheus-timeout: expected a time above zero");
        }
        let roots = match &args.prometheus_ca {
            Some(file) => certificates(file)?,
            None => RootCerts::PlatformVerifier,
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
            .max_redirects(5)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("scaleplan/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agent: config.into(),
            base,
            credentials,
            tenant: args.prometheus_tenant.clone(),
            timeout,
        })
    }

    /// The address, safe to print: without what may be secret in it.
    pub(super) fn address(&self) -> &str {
        &self.base
    }

    /// Host and port.
    pub(super) fn host(&self) -> String {
        let uri = self.base.parse::<Uri>().ok();
        let authority = uri.as_ref().and_then(Uri::authority);
        authority.map_or_else(String::new, ToString::to_string)
    }

    /// Asks `path` with these parameters, again and later while the failure may pass.
    ///
    /// # Errors
    /// When no attempt brought an answer: what the last one met.
    pub(super) fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Reply> {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let failure = match self.attempt(path, parameters) {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            match failure {
                Failure::Passing(_, asked) if attempt < ATTEMPTS => {
                    thread::sleep(asked.map_or(wait, |asked| asked.min(LONGEST_WAIT)));
                    wait *= 2;
                }
                Failure::Passing(reason, _) => {
                    bail!("{}: {reason}, {ATTEMPTS} times in a row", self.base)
                }
                Failure::Lasting(reason) => bail!("{}: {reason}", self.base),
            }
        }
        unreachable!("the last attempt returns")
    }

    fn attempt(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Reply, Failure> {
        let address = format!("{}{path}", self.base);
        let length: usize = parameters.iter().map(|(_, value)| value.len()).sum();
        let sent = if length > LONGEST_ADDRESS {
            self.headed(self.agent.post(&address))
                .send_form(parameters.iter().copied())
        } else {
            self.headed(self.agent.get(&address))
                .query_pairs(parameters.iter().copied())
                .call()
        };
        let response = sent.map_err(|error| self.failure(&error))?;
        self.reply(response)
    }

    fn headed<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let request = request.header("Accept", "application/json");
        let request = match &self.credentials {
            Some(credentials) => request.header("Authorization", credentials.header()),
            None => request,
        };
        match &self.tenant {
            Some(tenant) => request.header("X-Scope-OrgID", tenant),
            None => request,
        }
    }

    fn reply(&self, mut response: Response<Body>) -> Result<Reply, Failure> {
        let status = response.status();
        let elsewhere = self.elsewhere(response.get_uri());
        let wait = retry_after(&response);
        if status.is_success() {
            let body = self.read_whole(response.body_mut())?;
            return match first_letter(&body) {
                Some(b'{') => Ok(Reply::Answer(body)),
                Some(b'<') => Err(Failure::Lasting(format!(
                    "answered with a web page{elsewhere}, expected Prometheus' JSON; is this the address of Prometheus itself, and past its login?"
                ))),
                _ => Err(Failure::Lasting(format!(
                    "the answer{elsewhere} is not JSON, expected that of Prometheus' /api/v1/query_range"
                ))),
            };
        }
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        ) || status.is_server_error()
        {
            // A query that runs into the server's own time limit is answered with 503 and says so.
            let complaint = beginning(response.body_mut());
            let says = said(&complaint).map_or_else(String::new, |said| format!(": {said}"));
            let reason = format!("answered {status}{elsewhere}{says}");
            return Err(Failure::Passing(reason, wait));
        }
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let hint = if self.credentials.is_some() {
                    "the secret was not accepted"
                } else {
                    "it asks for a secret: --prometheus-token-file, --prometheus-basic-file"
                };
                Err(Failure::Lasting(format!(
                    "answered {status}{elsewhere}; {hint}"
                )))
            }
            StatusCode::NOT_FOUND => Err(Failure::Lasting(format!(
                "answered {status}{elsewhere}; is there a path before /api/v1/query_range, such as /prometheus?"
            ))),
            _ => Ok(Reply::Refused {
                status: status.as_u16(),
                complaint: beginning(response.body_mut()),
            }),
        }
    }

    fn read_whole(&self, body: &mut Body) -> Result<Vec<u8>, Failure> {
        let expected = body.content_length();
        let read = body.with_config().limit(LARGEST_ANSWER).read_to_vec();
        let bytes = read.map_err(|error| match error {
            Error::BodyExceedsLimit(_) => Failure::Lasting(format!(
                "the answer is larger than {} MiB; ask for fewer series, with sum() or a longer --step",
                LARGEST_ANSWER >> 20
            )),
            error => self.failure(&error),
        })?;
        match expected {
            Some(expected) if (bytes.len() as u64) < expected => Err(Failure::Passing(
                format!("the answer ended after {} of {expected} bytes", bytes.len()),
                None,
            )),
            _ => Ok(bytes),
        }
    }

    /// What an error of the transport means for whoever asked.
    fn failure(&self, error: &Error) -> Failure {
        match error {
            Error::Timeout(_) => {
                let limit = self.timeout.as_secs_f64();
                Failure::Passing(
                    format!("no answer within {limit} s (--prometheus-timeout)"),
                    None,
                )
            }
            Error::HostNotFound => Failure::Lasting("there is no such host".to_owned()),
            Error::Io(error) if says(error, "InvalidContentType") => Failure::Lasting(
                "speaks no TLS, expected an address that begins with http://".to_owned(),
            ),
            Error::Io(error) if says(error, "certificate") => untrusted(&error.to_string()),
            Error::Io(error) => Failure::Passing(
                format!("the connection failed: {}", output::reason(error)),
                None,
            ),
            Error::Rustls(error) => untrusted(&error.to_string()),
            Error::ConnectionFailed => Failure::Passing("no connection".to_owned(), None),
            Error::TooManyRedirects => {
                Failure::Lasting("sends from one address to the next without end".to_owned())
            }
            Error::Protocol(error) => Failure::Passing(
                format!("the answer breaks off or is no HTTP: {error}"),
                None,
            ),
            Error::Decompress(_, error) => {
                Failure::Passing(format!("the answer cannot be unpacked: {error}"), None)
            }
            error => Failure::Lasting(error.to_string()),
        }
    }

    /// Where an answer came from, if not from where it was asked: ` from ADDRESS`.
    fn elsewhere(&self, uri: &Uri) -> String {
        let here = self.base.parse::<Uri>().ok();
        if here.is_some_and(|here| here.authority() == uri.authority()) {
            return String::new();
        }
        let (scheme, host) = (
            uri.scheme_str().unwrap_or("http"),
            uri.host().unwrap_or("?"),
        );
        format!(" from {scheme}://{host}, to which it sent us")
    }
}

/// What the complaint of a Prometheus says, if it is one.
pub(super) fn said(complaint: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Complaint {
        error: String,
    }
    let complaint: Complaint = serde_json::from_slice(complaint).ok()?;
    // One line, and not a page of it.
    let line: String = complaint.error.chars().take(400).collect();
    Some(line)
}

/// The address without the slash at its end.
fn base_of(address: &str) -> Result<String> {
    let wrong = || {
        anyhow!(
            "--prometheus: `{}` is no address, expected one such as http://localhost:9090",
            without_user(address)
        )
    };
    let uri: Uri = address.parse().map_err(|_| wrong())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority().filter(|_| is_web).ok_or_else(wrong)?;
    if authority.as_str().contains('@') {
        bail!(
            "--prometheus: a password in the address is seen by everybody on the machine, expected it in a file (--prometheus-basic-file)"
        );
    }
    if uri.query().is_some() {
        return Err(wrong());
    }
    let base = address.split('#').next().unwrap_or_default();
    let base = base.trim_end_matches('/');
    // People paste what they see in the browser.
    let base = base.strip_suffix("/graph").unwrap_or(base);
    let base = base.strip_suffix("/api/v1/query_range").unwrap_or(base);
    Ok(base.to_owned())
}

/// An address without what stands before an `@`.
fn without_user(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or_default()
}

fn is_loopback(base: &str) -> bool {
    let uri = base.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn certificates(file: &Path) -> Result<RootCerts> {
    let shown = input::shown(file);
    let pem = input::certificates(file)?;
    let mut found = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(_) => bail!("{shown}: is damaged, expected certificates in PEM"),
        }
    }
    if found.is_empty() {
        bail!("{shown}: holds no certificate, expected some in PEM");
    }
    Ok(RootCerts::new_with_certs(&found))
}

fn untrusted(reason: &str) -> Failure {
    Failure::Lasting(format!(
        "its certificate is not trusted: {reason} (--prometheus-ca)"
    ))
}

/// Whether an error of the connection wraps one that says this: TLS has its own within.
fn says(error: &std::io::Error, words: &str) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.to_string().contains(words))
}

/// How long the server asks to wait, where it does so in seconds.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let header = response.headers().get("retry-after")?;
    let seconds: u64 = header.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// As much of a body as a complaint may be long; nothing where it cannot be read.
fn beginning(body: &mut Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut reader = body.as_reader().take(LARGEST_COMPLAINT);
    // What was read until then may still tell.
    let _ = reader.read_to_end(&mut bytes);
    bytes
}

fn first_letter(body: &[u8]) -> Option<u8> {
    body.trim_ascii_start().first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_pasted() {
        for (pasted, base) in [
            ("http://localhost:9090", "http://localhost:9090"),
            (
                "https://prom.example/prometheus/",
                "https://prom.example/prometheus",
            ),
            ("http://localhost:9090/graph#tab=0", "http://localhost:9090"),
            ("http://h/api/v1/query_range", "http://h"),
        ] {
            assert_eq!(base_of(pasted).expect(pasted), base);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_password_is_not_repeated() {
        for wrong in [
            "",
            "localhost:9090",
            "ftp://h",
            "http://",
            "http://h/?a=b",
            "a b",
        ] {
            let error = base_of(wrong).expect_err(wrong).to_string();
            assert!(error.starts_with("--prometheus: `"), "{error}");
        }
        for secret in ["http://ann:hunter2@h", "nonsense ann:hunter2@h"] {
            let error = base_of(secret).expect_err("refused").to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_the_own_machine_is_loopback() {
        for base in [
            "http://localhost:9090",
            "http://127.0.0.1",
            "http://[::1]:9090",
        ] {
            assert!(is_loopback(base), "{base}");
        }
        for base in [
            "http://prom",
            "http://10.0.0.1",
            "http://localhost.evil.example",
        ] {
            assert!(!is_loopback(base), "{base}");
        }
    }
}
