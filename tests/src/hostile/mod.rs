//! Servers that misbehave: raw TCP on loopback, so that not even HTTP itself must be kept.

pub mod bodies;
pub mod lists;
pub mod transport;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What a client asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, …
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query parameters, decoded.
    pub query: HashMap<String, String>,
    /// The whole head, as it came.
    pub head: String,
    /// The body, for requests that have one.
    pub body: String,
    /// How many requests came before, over all connections.
    pub before: usize,
    /// The server's own `host:port`.
    pub host: String,
}

impl Asked {
    /// `startIndex`, 1 without one.
    pub fn start(&self) -> usize {
        self.query.get("startIndex").and_then(|start| start.parse().ok()).unwrap_or(1)
    }

    /// `count`, 100 without one.
    pub fn count(&self) -> usize {
        self.query.get("count").and_then(|count| count.parse().ok()).unwrap_or(100)
    }
}

/// What a server sends back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes one after another, with pauses before them, then the connection is closed.
    Slowly(Vec<(Duration, Vec<u8>)>),
    /// The first bytes, then the second ones again and again until the client goes away.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, and the connection stays open.
    Silence,
}

/// A whole answer with that status, these headers and that body.
pub fn answer(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    Reply::Raw(bytes)
}

/// 200 with a body of SCIM's type.
pub fn ok(body: impl AsRef<[u8]>) -> Reply {
    answer("200 OK", &[("Content-Type", "application/scim+json")], body)
}

/// A list answer around these resources (JSON texts).
pub fn list(total: &str, resources: &[String]) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{total},"Resources":[{}]}}"#,
        resources.join(",")
    )
}

/// A user of that number.
pub fn user(number: usize) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u{number}","userName":"user{number}@halcyon.example"}}"#)
}

/// The page that was asked for, of a list of `total` users, with at most `most` a page.
pub fn page(asked: &Asked, total: usize, most: usize) -> Reply {
    let start = asked.start().max(1);
    let end = (start + asked.count().min(most)).min(total + 1);
    ok(list(&total.to_string(), &(start..end).map(user).collect::<Vec<_>>()))
}

/// What a server does with each request.
pub type Behaviour = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// A running server. It ends with the runtime.
pub struct Server {
    /// Its base URL, `http://127.0.0.1:…/scim/v2`.
    pub base: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Everything that was asked of it.
    pub asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Everything that was asked, heads and bodies, as one text.
    pub fn heard(&self) -> String {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .map(|asked| format!("{}\n{}\n", asked.head, asked.body))
            .collect()
    }
}

/// Starts a server on a free port.
pub async fn serve(behaviour: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let (behaviour, log): (Behaviour, _) = (Arc::new(behaviour), Arc::clone(&asked));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (behaviour, log) = (Arc::clone(&behaviour), Arc::clone(&log));
            tokio::spawn(async move { converse(stream, address.to_string(), &behaviour, &log).await });
        }
    });
    Server {
        base: format!("http://{address}/scim/v2"),
        address,
        asked,
    }
}

/// Takes one request off a connection and answers it.
pub async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, host: String, behaviour: &Behaviour, log: &Mutex<Vec<Asked>>) {
    let Some(mut asked) = hear(&mut stream).await else { return };
    asked.host = host;
    {
        let mut log = log.lock().unwrap();
        asked.before = log.len();
        log.push(asked.clone());
    }
    // The client may go away at any moment: what cannot be sent is not sent.
    match behaviour(&asked) {
        Reply::Raw(bytes) => drop(stream.write_all(&bytes).await),
        Reply::Slowly(parts) => {
            for (pause, bytes) in parts {
                tokio::time::sleep(pause).await;
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
        Reply::Endless(first, again) => {
            if stream.write_all(&first).await.is_ok() {
                while stream.write_all(&again).await.is_ok() {}
            }
        }
        Reply::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
    }
    drop(stream.shutdown().await);
}

async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length: usize = head
        .lines()
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
    let mut line = head.lines().next()?.split(' ');
    let (method, target) = (line.next()?.to_owned(), line.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    let body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Some(Asked {
        method,
        path: path.to_owned(),
        query,
        head,
        body,
        before: 0,
        host: String::new(),
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'%' => out.push(u8::try_from(hex(bytes.next()).unwrap_or(0) * 16 + hex(bytes.next()).unwrap_or(0)).unwrap_or(b'?')),
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How a case must end.
#[derive(Clone, Debug)]
pub enum Ends {
    /// In an error with this code.
    Error(&'static str),
    /// In a list that is marked as incomplete for this reason, after so many resources.
    Incomplete(&'static str, u64),
    /// In a complete list of so many.
    Complete(u64),
}

/// One misbehaviour, and how reading a list from it must end.
pub struct Case {
    /// What it is.
    pub name: &'static str,
    /// What the server does.
    pub behaviour: Behaviour,
    /// Whether the list is asked for by cursor.
    pub cursor: bool,
    /// How it must end.
    pub ends: Ends,
}

/// A case whose list is read by index.
pub fn case(name: &'static str, ends: Ends, behaviour: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Case {
    Case {
        name,
        behaviour: Arc::new(behaviour),
        cursor: false,
        ends,
    }
}

/// A case that answers every request with the same bytes.
pub fn always(name: &'static str, ends: Ends, reply: Reply) -> Case {
    case(name, ends, move |_| reply.clone())
}

/// A case whose list is read by cursor.
pub fn by_cursor(name: &'static str, ends: Ends, behaviour: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Case {
    Case {
        cursor: true,
        ..case(name, ends, behaviour)
    }
}

/// Every case.
pub fn all() -> Vec<Case> {
    let mut cases = bodies::cases();
    cases.extend(lists::cases());
    cases.extend(transport::cases());
    cases
}
