//! What a visitor does with a browser. Every step waits for what it needs.

use std::time::Instant;

use cart_load::OpenShop;
use serde::de::DeserializeOwned;
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::*;

use crate::driver::{Driver, GLANCE, PATIENCE, Scripts};

/// A browser at a shop; it is closed when this value is dropped. That blocks a thread, so tests have two.
pub(crate) struct Browser {
    driver: WebDriver,
    address: String,
}

impl Browser {
    /// A new visitor's, on the first page.
    pub(crate) async fn at(shop: &OpenShop) -> Self {
        Self::open(shop, Scripts::Allowed).await
    }

    /// One that runs no scripts.
    pub(crate) async fn without_scripts(shop: &OpenShop) -> Self {
        Self::open(shop, Scripts::Blocked).await
    }

    async fn open(shop: &OpenShop, scripts: Scripts) -> Self {
        let driver = Driver::get().session(scripts).await;
        let address = shop.address().to_owned();
        let browser = Self { driver, address };
        browser.go("/").await;
        browser
    }

    pub(crate) fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens an address of the shop.
    pub(crate) async fn go(&self, path: &str) {
        self.driver
            .goto(format!("{}{path}", self.address))
            .await
            .unwrap();
    }

    /// The path and query of the present page.
    pub(crate) async fn place(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.as_str()
            .strip_prefix(&self.address)
            .unwrap_or(url.as_str())
            .to_owned()
    }

    /// Waits until an address is reached that begins so.
    pub(crate) async fn reach(&self, path: &str) {
        self.until(&format!("the address {path}"), async || {
            self.place().await.starts_with(path)
        })
        .await;
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        let found = self
            .driver
            .query(By::Css(css))
            .and_displayed()
            .first()
            .await;
        match found {
            Ok(found) => found,
            Err(error) => panic!("no `{css}` at {}: {error}", self.place().await),
        }
    }

    /// How many there are at this moment.
    pub(crate) async fn number(&self, css: &str) -> usize {
        self.driver.find_all(By::Css(css)).await.unwrap().len()
    }

    /// The text of an element.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until the text of such an element has this in it.
    pub(crate) async fn sees(&self, css: &str, text: &str) {
        let begun = Instant::now();
        while !self.shows(css, text).await {
            if begun.elapsed() > PATIENCE {
                let body = self.text("body").await;
                panic!("no “{text}” in `{css}` at {}:\n{body}", self.place().await);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Whether the text of such an element has this in it. One that goes meanwhile has not.
    pub(crate) async fn shows(&self, css: &str, text: &str) -> bool {
        for element in self.driver.find_all(By::Css(css)).await.unwrap() {
            if element.text().await.is_ok_and(|found| found.contains(text)) {
                return true;
            }
        }
        false
    }

    /// Waits until an element is there no more.
    pub(crate) async fn misses(&self, css: &str) {
        self.until(&format!("the end of `{css}`"), async || {
            self.number(css).await == 0
        })
        .await;
    }

    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Writes into a field, over what was in it.
    pub(crate) async fn write(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// What is in a field.
    pub(crate) async fn value(&self, css: &str) -> String {
        self.find(css)
            .await
            .value()
            .await
            .unwrap()
            .unwrap_or_default()
    }

    /// Chooses an option by its text.
    pub(crate) async fn choose(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        let select = SelectElement::new(&field).await.unwrap();
        select.select_by_visible_text(text).await.unwrap();
    }

    /// What an expression comes to in the page.
    pub(crate) async fn value_of<T: DeserializeOwned>(&self, expression: &str) -> T {
        let value = self
            .driver
            .execute(format!("return {expression};"), Vec::new())
            .await;
        value.unwrap().convert().unwrap()
    }

    /// Waits for a condition.
    pub(crate) async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !condition().await {
            assert!(
                begun.elapsed() < PATIENCE,
                "{what} is waited for in vain at {}",
                self.place().await
            );
            tokio::time::sleep(GLANCE).await;
        }
    }
}
