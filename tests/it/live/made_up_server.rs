//! A server of a few lines whose answers a test writes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked: the request line and headers, then the body.
pub(super) type Requests = Arc<Mutex<Vec<String>>>;

/// A server on loopback, for as long as the test process lives.
pub(super) struct MadeUpServer {
    pub(super) address: String,
    pub(super) requests: Requests,
}

impl MadeUpServer {
    /// Answers each request by what `answer` makes of its number, from zero, and its text: the bytes of a whole HTTP
    /// answer. An empty one leaves the client waiting.
    pub(super) fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let requests = Requests::default();
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            let mut waiting = Vec::new();
            for (index, stream) in listener.incoming().enumerate() {
                let mut stream = stream.expect("a connection");
                let request = read_request(&stream);
                let bytes = answer(index, &request);
                seen.lock().expect("no panic").push(request);
                if bytes.is_empty() {
                    waiting.push(stream);
                } else {
                    // A client may hang up before it has read all.
                    let _ = stream.write_all(&bytes);
                }
            }
        });
        Self {
            address: format!("http://{address}"),
            requests,
        }
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.requests.lock().expect("no panic").len()
    }
}

/// An HTTP answer.
pub(super) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// The answer to a range query: one series whose value is `load` of the time.
pub(super) fn matrix(request: &str, load: impl Fn(i64) -> f64) -> Vec<u8> {
    let parameter = |name: &str| -> i64 {
        let after = request
            .split(&format!("{name}="))
            .nth(1)
            .unwrap_or_default();
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a parameter in seconds")
    };
    let (start, end, step) = (parameter("start"), parameter("end"), parameter("step"));
    let times = (start..=end).step_by(usize::try_from(step).expect("a step"));
    let samples: Vec<String> = times
        .map(|time| format!("[{time},\"{}\"]", load(time)))
        .collect();
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
        samples.join(",")
    );
    http("200 OK", "", &body)
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(text) = line.to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().expect("a length");
        }
        request += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    request + &String::from_utf8(body).expect("a form")
}
