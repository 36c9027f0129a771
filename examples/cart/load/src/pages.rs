//! How long and how large each page is, one request after the other.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::client::Visitor;
use crate::{OpenShop, Times};

/// The largest that a page may be, in bytes.
pub const LARGEST: usize = 100_000;

/// The longest that the middle one of a page's answers may take, in milliseconds.
pub const LONGEST: f64 = 50.0;

/// Before it is counted.
const WARM_UP: usize = 3;

/// How long the answers took, with the way to the shop and back, and how large they are.
#[derive(Debug)]
pub struct Pages {
    /// By the page's name.
    pub times: Times,
    /// The largest answer of each page, in bytes.
    pub sizes: Vec<(&'static str, usize)>,
}

/// Asks for each page so many times.
///
/// # Errors
///
/// When a page is not found.
pub async fn measure(shop: &OpenShop, times: usize) -> Result<Pages> {
    let visitor = Visitor::new(shop.address())?;
    let mut pages = Pages {
        times: Times::default(),
        sizes: Vec::new(),
    };
    for (name, path) in paths(&visitor).await? {
        let mut size = 0;
        for turn in 0..WARM_UP + times {
            let begun = Instant::now();
            let page = visitor.get(&path).await?;
            if turn >= WARM_UP {
                pages.times.record(name, begun.elapsed())?;
            }
            size = size.max(page.body.len());
        }
        pages.sizes.push((name, size));
    }
    Ok(pages)
}

/// Every kind of page; those of an order and a cart need one first.
async fn paths(visitor: &Visitor) -> Result<Vec<(&'static str, String)>> {
    let products = visitor.get("/").await?;
    let code = products.between("href=\"/products/", "\"")?.to_owned();
    let product = format!("/products/{code}");
    let form = visitor.get(&product).await?;
    let (id, cart) = (
        form.between("name=\"form\" value=\"", "\"")?,
        form.between("name=\"cart\" value=\"", "\"")?,
    );
    let fields = [
        ("form", id),
        ("cart", cart),
        ("product", &code),
        ("quantity", "1"),
    ];
    let cart = visitor.post("/cart/items", &fields).await?;
    let history = cart.between("href=\"/carts/", "\"")?;
    let orders = visitor.get("/orders?whose=all").await?;
    let order = orders.between("href=\"/orders/", "\"")?;
    Ok(vec![
        ("products", "/".to_owned()),
        ("products by name", "/?sort=name".to_owned()),
        ("search", "/?q=heart".to_owned()),
        ("search, many found", "/?q=set".to_owned()),
        ("product", product),
        ("cart", "/cart".to_owned()),
        ("history", format!("/carts/{history}")),
        ("orders", "/orders".to_owned()),
        ("all orders", "/orders?whose=all".to_owned()),
        ("order", format!("/orders/{order}")),
        ("sales", "/sales".to_owned()),
        ("system", "/system".to_owned()),
    ])
}

impl Pages {
    /// Whether every page is small and quick enough.
    ///
    /// # Errors
    ///
    /// With the pages that are not.
    pub fn check(&self) -> Result<()> {
        let slow = self
            .times
            .names()
            .filter(|name| self.times.milliseconds(name, 0.5) > LONGEST);
        let large = self
            .sizes
            .iter()
            .filter(|(_, size)| *size > LARGEST)
            .map(|(name, _)| *name);
        let bad: Vec<_> = slow.chain(large).collect();
        ensure!(
            bad.is_empty(),
            "over {LONGEST} ms or {LARGEST} bytes: {}",
            bad.join(", ")
        );
        Ok(())
    }
}
