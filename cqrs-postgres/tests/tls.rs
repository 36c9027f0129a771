//! TLS: who answers is checked, and what does not hold is said.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;

use cqrs_core::store::{EventAppender, LogReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::Postgres;
use postgres_server::Cluster;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use common::append;

/// Who signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self {
            issuer,
            certificate,
        }
    }

    /// A server whose certificate names this host.
    fn server(&self, host: &str) -> Cluster {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Cluster::start_with_tls(&certificate.pem(), &key.serialize_pem()).unwrap()
    }

    fn file(&self, folder: &TempDir, name: &str) -> PathBuf {
        let file = folder.path().join(name);
        std::fs::write(&file, &self.certificate).unwrap();
        file
    }
}

fn checked(server: &Cluster, roots: &std::path::Path) -> String {
    let roots = roots.display();
    format!("{}?sslmode=verify-full&sslrootcert={roots}", server.url())
}

async fn refused(url: &str) -> String {
    Postgres::open(url).await.unwrap_err().full_text()
}

#[tokio::test]
async fn a_server_is_trusted_by_who_has_signed_its_certificate() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let server = authority.server("127.0.0.1");
    let url = checked(&server, &authority.file(&folder, "ca.pem"));
    let events = Postgres::open(&url).await.unwrap().events();
    events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    assert_eq!(events.head().await.unwrap().position.get(), 1);

    let stranger = Authority::new().file(&folder, "stranger.pem");
    let said = refused(&checked(&server, &stranger)).await;
    assert!(
        said.contains("TLS does not trust") && said.contains("`sslrootcert` must name"),
        "{said}"
    );

    let missing = folder.path().join("missing.pem");
    let said = refused(&checked(&server, &missing)).await;
    assert!(said.contains("the files that the address names"), "{said}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let server = authority.server("db.example");
    let file = authority.file(&folder, "ca.pem");
    let said = refused(&checked(&server, &file)).await;
    assert!(said.contains("not valid for name \"127.0.0.1\""), "{said}");
    // Without the look at the host it is trusted.
    let by_authority = checked(&server, &file).replace("verify-full", "verify-ca");
    Postgres::open(&by_authority).await.unwrap();
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let server = Cluster::start().unwrap();
    let said = refused(&format!("{}?sslmode=require", server.url())).await;
    assert!(said.contains("TLS"), "{said}");
}
