//! A proxy before the server: it counts round trips, and cuts a connection at the worst moment.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

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

#[derive(Debug, Default)]
struct State {
    round_trips: AtomicU64,
    cuts: AtomicU64,
    next: Mutex<Option<Cut>>,
    server: Mutex<String>,
    /// All connections end.
    all: Notify,
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

    /// How often a client has waited for the server, since connecting aside.
    pub fn round_trips(&self) -> u64 {
        self.state.round_trips.load(Ordering::SeqCst)
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::SeqCst)
    }

    /// Cuts the connection that next asks for something.
    pub fn cut_next(&self, cut: Cut) {
        self.state.set_next(Some(cut));
    }

    /// Cuts every connection that there is.
    pub fn cut_all(&self) {
        self.state.all.notify_waiters();
    }
}

/// Host and port.
fn server_of(url: &str) -> Result<String> {
    let (_, rest) = url.split_once('@').context("no user")?;
    let (server, _) = rest.split_once('/').context("no database")?;
    Ok(server.to_owned())
}

impl State {
    fn set_next(&self, cut: Option<Cut>) -> Option<Cut> {
        std::mem::replace(&mut *lock(&self.next), cut)
    }

    fn set_server(&self, server: String) {
        *lock(&self.server) = server;
    }

    fn server(&self) -> String {
        lock(&self.server).clone()
    }

    fn count_cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the two directions of a connection tell each other.
#[derive(Debug, Default)]
struct Link {
    is_swallowing: std::sync::atomic::AtomicBool,
    end: Notify,
}

async fn connection(
    client: TcpStream,
    server: TcpStream,
    state: Arc<State>,
) -> std::io::Result<()> {
    // A question is several messages, of which each would wait for the one before to be acknowledged.
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
        () = state.all.notified() => {
            state.count_cut();
            Ok(())
        }
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
    server.write_u32(length).await?;
    server.write_all(&body).await?;
    loop {
        let (kind, message) = read_message(&mut client).await?;
        if kind == QUERY || kind == SYNC {
            state.round_trips.fetch_add(1, Ordering::SeqCst);
            match state.set_next(None) {
                Some(Cut::BeforeTheServer) => {
                    state.count_cut();
                    return Ok(());
                }
                Some(Cut::AfterTheCommit) => link.is_swallowing.store(true, Ordering::SeqCst),
                None => {}
            }
        }
        server.write_all(&message).await?;
    }
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
