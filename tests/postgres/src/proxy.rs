//! A proxy before the server: it counts round trips, cuts a connection at the worst moment, and hangs.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

use crate::Database;

const QUERY: u8 = b'Q';
const SYNC: u8 = b'S';
const READY_FOR_QUERY: u8 = b'Z';

/// When to cut the connection that next asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees the question.
    BeforeTheServer,
    /// The server has answered, so it has committed; the answer is lost.
    AfterTheCommit,
}

/// A proxy on a port of its own.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    database: String,
    state: Arc<State>,
}

/// How a proxy treats connections, old and new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flowing,
    Closed,
    Frozen,
}

#[derive(Debug)]
struct State {
    round_trips: AtomicU64,
    announcements: AtomicU64,
    cuts: AtomicU64,
    next: Mutex<Option<Planned>>,
    mode: watch::Sender<Mode>,
    refuses_listeners: watch::Sender<bool>,
    server: Mutex<String>,
    /// All connections end.
    all: Notify,
}

/// A cut, and how many questions come before it.
#[derive(Debug, Clone, Copy)]
struct Planned {
    questions: u64,
    cut: Cut,
}

impl Default for State {
    fn default() -> Self {
        Self {
            round_trips: AtomicU64::new(0),
            announcements: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            next: Mutex::default(),
            mode: watch::Sender::new(Mode::Flowing),
            refuses_listeners: watch::Sender::new(false),
            server: Mutex::default(),
            all: Notify::new(),
        }
    }
}

impl Proxy {
    /// A proxy before the server of a database.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(database: &Database) -> Result<Self> {
        Self::before(database.url()).await
    }

    /// A proxy before the server at this address.
    ///
    /// # Errors
    ///
    /// When no port is free, or the address is none.
    pub async fn before(url: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, state) = (listener.local_addr()?, Arc::<State>::default());
        state.set_server(server_of(url)?);
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    if *state.mode.borrow() == Mode::Closed {
                        return Ok(());
                    }
                    let server = TcpStream::connect(state.server()).await?;
                    connection(client, server, state).await
                });
            }
        });
        let database = url.to_owned();
        Ok(Self {
            address,
            database,
            state,
        })
    }

    /// The database's address by way of the proxy.
    ///
    /// # Errors
    ///
    /// When the database's own address is none.
    pub fn url(&self) -> Result<String> {
        self.url_of(&self.database)
    }

    /// The address of a database of the server's by way of the proxy.
    ///
    /// # Errors
    ///
    /// When the database's own address is none.
    pub fn url_of(&self, database: &str) -> Result<String> {
        let (head, rest) = database.split_once("://").context("no address")?;
        let (user, rest) = rest.split_once('@').context("no user")?;
        let (_, rest) = rest.split_once('/').context("no database")?;
        let database = rest.split('?').next().unwrap_or_default();
        let address = self.address;
        Ok(format!(
            "{head}://{user}@{address}/{database}?sslmode=disable"
        ))
    }

    /// Leads whoever connects from now on to the server at this address.
    ///
    /// # Errors
    ///
    /// When the address is none.
    pub fn lead_to(&self, url: &str) -> Result<()> {
        self.state.set_server(server_of(url)?);
        Ok(())
    }

    /// How often a client has waited for the server, since connecting aside, and what is sent beside
    /// the commands by [`Proxy::announcements`].
    pub fn round_trips(&self) -> u64 {
        self.state.round_trips.load(Ordering::SeqCst)
    }

    /// How often other processes were told of appends.
    pub fn announcements(&self) -> u64 {
        self.state.announcements.load(Ordering::SeqCst)
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::SeqCst)
    }

    /// Cuts every connection that listens, or tries to.
    pub fn refuse_listeners(&self) {
        self.state.refuses_listeners.send_replace(true);
    }

    /// Lets them listen again.
    pub fn admit_listeners(&self) {
        self.state.refuses_listeners.send_replace(false);
    }

    /// Cuts the connection that next asks for something.
    pub fn cut_next(&self, cut: Cut) {
        self.cut_after(0, cut);
    }

    /// Cuts the connection that asks for something after so many questions.
    pub fn cut_after(&self, questions: u64, cut: Cut) {
        *self.state.next() = Some(Planned { questions, cut });
    }

    /// Takes back a cut that did not happen; whether there was one.
    pub fn spare(&self) -> bool {
        self.state.next().take().is_some()
    }

    /// Cuts every connection that there is.
    pub fn cut_all(&self) {
        self.state.all.notify_waiters();
    }

    /// Ends all connections and lets no new one through.
    pub fn close(&self) {
        self.state.mode.send_replace(Mode::Closed);
    }

    /// Keeps all connections and lets nothing through: a server that hangs.
    pub fn freeze(&self) {
        self.state.mode.send_replace(Mode::Frozen);
    }

    /// Lets everything through again.
    pub fn open(&self) {
        self.state.mode.send_replace(Mode::Flowing);
    }
}

/// Host and port.
fn server_of(url: &str) -> Result<String> {
    let (_, rest) = url.split_once('@').context("no user")?;
    let (server, _) = rest.split_once('/').context("no database")?;
    Ok(server.to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn next(&self) -> MutexGuard<'_, Option<Planned>> {
        lock(&self.next)
    }

    fn set_server(&self, server: String) {
        *lock(&self.server) = server;
    }

    fn server(&self) -> String {
        lock(&self.server).clone()
    }

    /// Whether the question that was just asked is the one to be cut off.
    fn cut(&self) -> Option<Cut> {
        let mut next = self.next();
        match *next {
            Some(Planned { questions: 0, cut }) => {
                *next = None;
                Some(cut)
            }
            Some(planned) => {
                let questions = planned.questions - 1;
                *next = Some(Planned {
                    questions,
                    ..planned
                });
                None
            }
            None => None,
        }
    }

    /// Ready while everything is let through.
    async fn flowing(&self) {
        // The state outlives its connections, so the channel stays open.
        let _ = self
            .mode
            .subscribe()
            .wait_for(|mode| *mode == Mode::Flowing)
            .await;
    }

    async fn closed(&self) {
        let _ = self
            .mode
            .subscribe()
            .wait_for(|mode| *mode == Mode::Closed)
            .await;
    }

    fn count_cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

/// What the two directions of a connection tell each other.
#[derive(Debug, Default)]
struct Link {
    is_swallowing: std::sync::atomic::AtomicBool,
    listens: Notify,
    end: Notify,
}

async fn connection(
    client: TcpStream,
    server: TcpStream,
    state: Arc<State>,
) -> std::io::Result<()> {
    // A question is several small messages, which would wait for each other.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let link = Arc::new(Link::default());
    // Whichever ends first takes the other with it: both sockets are closed.
    tokio::select! {
        ended = questions(client_read, server_write, &state, &link) => ended,
        ended = answers(server_read, client_write, &state, &link) => ended,
        () = link.end.notified() => Ok(()),
        () = refused(&state, &link) => Ok(()),
        () = state.closed() => Ok(()),
        () = state.all.notified() => {
            state.count_cut();
            Ok(())
        }
    }
}

/// Until it listens, and must not.
async fn refused(state: &State, link: &Link) {
    link.listens.notified().await;
    let mut refuses = state.refuses_listeners.subscribe();
    if refuses.wait_for(|refuses| *refuses).await.is_ok() {
        state.count_cut();
    }
}

async fn questions(
    client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    state: &State,
    link: &Link,
) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    // The first message, and it alone, has no kind.
    let length = client.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    client.read_exact(&mut body).await?;
    state.flowing().await;
    server.write_u32(length).await?;
    server.write_all(&body).await?;
    loop {
        let (kind, message) = read_message(&mut client).await?;
        if kind == QUERY && contains(&message, b"NOTIFY ") {
            state.announcements.fetch_add(1, Ordering::SeqCst);
        } else if kind == QUERY && contains(&message, b"LISTEN ") {
            if *state.refuses_listeners.borrow() {
                state.count_cut();
                return Ok(());
            }
            link.listens.notify_one();
        } else if kind == SYNC || kind == QUERY {
            state.round_trips.fetch_add(1, Ordering::SeqCst);
            match state.cut() {
                Some(Cut::BeforeTheServer) => {
                    state.count_cut();
                    return Ok(());
                }
                Some(Cut::AfterTheCommit) => link.is_swallowing.store(true, Ordering::SeqCst),
                None => {}
            }
        }
        state.flowing().await;
        server.write_all(&message).await?;
    }
}

fn contains(message: &[u8], word: &[u8]) -> bool {
    message.windows(word.len()).any(|part| part == word)
}

async fn answers(
    server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    state: &State,
    link: &Link,
) -> std::io::Result<()> {
    let mut server = BufReader::new(server);
    loop {
        let (kind, message) = read_message(&mut server).await?;
        state.flowing().await;
        if !link.is_swallowing.load(Ordering::SeqCst) {
            client.write_all(&message).await?;
        } else if kind == READY_FOR_QUERY {
            state.count_cut();
            link.end.notify_one();
        }
    }
}

async fn read_message<R: AsyncReadExt + Unpin>(from: &mut R) -> std::io::Result<(u8, Vec<u8>)> {
    let kind = from.read_u8().await?;
    let length = from.read_u32().await?;
    let mut message = vec![0; length as usize + 1];
    message[0] = kind;
    message[1..5].copy_from_slice(&length.to_be_bytes());
    from.read_exact(&mut message[5..]).await?;
    Ok((kind, message))
}
