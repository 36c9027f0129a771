//! Visitors who shop at once, without a pause, and whether what they were told is true.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use crate::client::{Page, Visitor};
use crate::{OpenShop, Times};

/// A check-out until the page of its order is there.
pub const CHECK_OUT: &str = "check out, order visible";

/// Until the views of the sales have followed the last order.
const PATIENCE: Duration = Duration::from_secs(60);

const WORDS: [&str; 6] = ["heart", "bag", "set", "red", "christmas", "box"];

/// How many visitors shop, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Each is busy all the time.
    pub visitors: usize,
    /// Purchases that were begun are finished.
    pub time: Duration,
}

/// What the visitors saw.
#[derive(Debug)]
pub struct Outcome {
    /// By the kind of page.
    pub times: Times,
    /// Orders that were acknowledged; every one was found once.
    pub orders: usize,
    /// Requests, redirects not counted.
    pub requests: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

impl Outcome {
    /// Requests in a second.
    pub fn requests_per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }
}

/// An order that the shop said is placed.
#[derive(Debug)]
struct Placed {
    number: String,
    total: Decimal,
}

/// What the page of the sales says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sales {
    orders: u64,
    revenue: Decimal,
}

/// Lets the visitors shop, then looks for every order that was acknowledged.
///
/// # Errors
///
/// When any answer is an error or shows something else than it should, or when an order is not in the
/// list of all orders exactly once, or when the sales do not agree.
pub async fn run(shop: &OpenShop, load: Load) -> Result<Outcome> {
    let keeper = Visitor::new(shop.address())?;
    let before = Sales::read(&keeper).await?;
    let begun = Instant::now();
    let mut visitors = JoinSet::new();
    for _ in 0..load.visitors {
        let shopper = Shopper::new(shop.address())?;
        visitors.spawn(shopper.shop_until(begun + load.time));
    }
    let (mut times, mut placed) = (Times::default(), Vec::new());
    while let Some(finished) = visitors.join_next().await {
        let finished = finished??;
        times.add(finished.times)?;
        placed.extend(finished.placed);
    }
    let elapsed = begun.elapsed();
    ensure!(!placed.is_empty(), "nobody ordered anything in {elapsed:?}");
    agree(&keeper, before, &placed).await?;
    find(&keeper, &placed).await?;
    let requests = times.names().map(|name| times.number(name)).sum();
    Ok(Outcome {
        times,
        orders: placed.len(),
        requests,
        elapsed,
    })
}

/// A visitor who buys as often as asked.
#[derive(Debug)]
pub struct Customer(Shopper);

impl Customer {
    /// A visitor of the shop at this address, such as `http://127.0.0.1:3000`.
    ///
    /// # Errors
    ///
    /// When there is no way to ask.
    pub fn new(address: &str) -> Result<Self> {
        Shopper::new(address).map(Self)
    }

    /// Shops until an order is placed and shown; its number.
    ///
    /// # Errors
    ///
    /// When any answer is missing or an error, or shows something else than it should.
    pub async fn buy(&mut self) -> Result<String> {
        self.0.buy().await?;
        let placed = self.0.placed.pop().context("nothing was ordered")?;
        Ok(placed.number)
    }
}

/// Looks for orders in the list of all orders, where each must stand once.
///
/// # Errors
///
/// When one is missing or twice there, or the shop does not answer.
pub async fn find_orders(address: &str, numbers: &[String]) -> Result<()> {
    let placed = numbers.iter().map(|number| Placed {
        number: number.clone(),
        total: Decimal::ZERO,
    });
    let placed: Vec<Placed> = placed.collect();
    find(&Visitor::new(address)?, &placed).await
}

#[derive(Debug)]
struct Shopper {
    visitor: Visitor,
    times: Times,
    placed: Vec<Placed>,
}

impl Shopper {
    fn new(address: &str) -> Result<Self> {
        let visitor = Visitor::new(address)?;
        Ok(Self {
            visitor,
            times: Times::default(),
            placed: Vec::new(),
        })
    }

    async fn shop_until(mut self, end: Instant) -> Result<Self> {
        while Instant::now() < end {
            self.buy().await?;
        }
        Ok(self)
    }

    /// Browses, searches, adds, changes, checks out, and looks at the order at once.
    async fn buy(&mut self) -> Result<()> {
        let products = self.get("products", "/").await?;
        let found: Vec<_> = products.all_between("href=\"/products/", "\"").collect();
        let code = fastrand::choice(found).context("there are no products")?;
        let word = fastrand::choice(WORDS).unwrap_or("heart");
        self.get("search", &format!("/?q={word}")).await?;
        let product = self.get("product", &format!("/products/{code}")).await?;
        let fields = [("product", code), ("quantity", "2")];
        let cart = self
            .post("add to the cart", "/cart/items", &product, &fields)
            .await?;
        ensure!(
            cart.path == "/cart",
            "an article was added, and {} was shown",
            cart.path
        );
        let quantity = format!("/cart/items/{code}/quantity");
        let cart = self
            .post("change the cart", &quantity, &cart, &[("quantity", "3")])
            .await?;
        ensure!(
            cart.body.contains("value=\"3\""),
            "the cart shows the old quantity"
        );
        self.check_out(&cart).await?;
        if fastrand::u8(..5) == 0 {
            self.get("sales", "/sales").await?;
        }
        Ok(())
    }

    async fn check_out(&mut self, cart: &Page) -> Result<()> {
        let total = cart.between("id=\"total\">", "<")?;
        let fields = [("country", "France")];
        let order = self
            .post(CHECK_OUT, "/cart/checkout", cart, &fields)
            .await?;
        ensure!(
            order.body.contains("Your order is placed"),
            "no order at {}",
            order.path
        );
        ensure!(
            order.between("id=\"total\">", "<")? == total,
            "the order has another total"
        );
        let number = order.path.trim_start_matches("/orders/").to_owned();
        let total = amount(total)?;
        let orders = self.get("orders", "/orders").await?;
        let is_listed = orders.body.contains(&format!("href=\"/orders/{number}\""));
        ensure!(
            is_listed,
            "the order {number} is not among the visitor's orders"
        );
        self.placed.push(Placed { number, total });
        Ok(())
    }

    async fn get(&mut self, name: &'static str, path: &str) -> Result<Page> {
        let begun = Instant::now();
        let page = self.visitor.get(path).await?;
        self.times.record(name, begun.elapsed())?;
        Ok(page)
    }

    /// Sends a form of this page.
    async fn post(
        &mut self,
        name: &'static str,
        path: &str,
        page: &Page,
        fields: &[(&str, &str)],
    ) -> Result<Page> {
        let form = page.between("name=\"form\" value=\"", "\"")?;
        let cart = page.between("name=\"cart\" value=\"", "\"")?;
        let fields = [&[("form", form), ("cart", cart)], fields].concat();
        let begun = Instant::now();
        let page = self.visitor.post(path, &fields).await?;
        self.times.record(name, begun.elapsed())?;
        Ok(page)
    }
}

impl Sales {
    async fn read(visitor: &Visitor) -> Result<Self> {
        let page = visitor.get("/sales").await?;
        let orders = page.between("id=\"orders\">", "<")?.replace(',', "");
        let revenue = amount(page.between("id=\"revenue\">", "<")?)?;
        Ok(Self {
            orders: orders.parse()?,
            revenue,
        })
    }
}

fn amount(text: &str) -> Result<Decimal> {
    let digits = text.trim_start_matches('£').replace(',', "");
    digits
        .parse()
        .with_context(|| format!("`{text}` is no amount"))
}

/// The sales follow on their own, so they are waited for; they must come to exactly these figures.
async fn agree(keeper: &Visitor, before: Sales, placed: &[Placed]) -> Result<()> {
    let expected = Sales {
        orders: before.orders + placed.len() as u64,
        revenue: before.revenue + placed.iter().map(|order| order.total).sum::<Decimal>(),
    };
    let begun = Instant::now();
    loop {
        let sales = Sales::read(keeper).await?;
        if sales == expected {
            return Ok(());
        }
        if sales.orders > expected.orders || begun.elapsed() > PATIENCE {
            bail!("the sales are {sales:?}, and should be {expected:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every order stands once in the list of all orders, which has them by time, the latest first.
async fn find(keeper: &Visitor, placed: &[Placed]) -> Result<()> {
    let mut times: HashMap<&str, u32> = placed.iter().map(|order| (&*order.number, 0)).collect();
    ensure!(
        times.len() == placed.len(),
        "one number was given to two orders"
    );
    let mut path = "/orders?whose=all".to_owned();
    let mut missing = placed.len();
    while missing > 0 {
        let page = keeper.get(&path).await?;
        for number in page.all_between("scope=\"row\"><a href=\"/orders/", "\"") {
            if let Some(times) = times.get_mut(number) {
                *times += 1;
                ensure!(*times == 1, "the order {number} is listed twice");
                missing -= 1;
            }
        }
        match page.between("rel=\"next\" href=\"", "\"") {
            Ok(next) => path = next.replace("&amp;", "&").replace("&#38;", "&"),
            Err(_) => break,
        }
    }
    ensure!(
        missing == 0,
        "{missing} acknowledged orders are not in the list"
    );
    Ok(())
}
