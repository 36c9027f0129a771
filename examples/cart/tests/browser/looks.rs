//! Every page, light and dark, on a desk and in a hand: its width, its colours, where it loads from,
//! and what the accessibility checker finds. The pictures stay in the target folder.

use std::path::{Path, PathBuf};

use cart_load::OpenShop;
use serde_json::json;

use crate::browser::Browser;
use crate::shop::stocked;
use crate::shopping::POPCORN;

/// What pages are looked at on.
#[derive(Clone, Copy)]
struct Screen {
    name: &'static str,
    width: u32,
    height: u32,
    is_phone: bool,
}

const DESKTOP: Screen = Screen {
    name: "desktop",
    width: 1280,
    height: 900,
    is_phone: false,
};
const PHONE: Screen = Screen {
    name: "phone",
    width: 390,
    height: 844,
    is_phone: true,
};

/// Relative luminance of the background and of the text, from 0 to 1.
const LUMINANCES: &str = "(() => {
    const style = getComputedStyle(document.body);
    const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const luminance = (colour) => {
        const [red, green, blue] = colour.match(/[0-9.]+/g).map(Number).map(part);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    return [luminance(style.backgroundColor), luminance(style.color)];
})()";

/// What came from where.
const FOREIGN: &str = "performance.getEntriesByType('resource').map(entry => entry.name)
    .filter(name => !name.startsWith(location.origin + '/'))";
const LOADED: &str = "performance.getEntriesByType('resource').length";

const CHECK: &str = "const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'] }).then(
        found => done(found.violations.filter(one => ['serious', 'critical'].includes(one.impact)).map(
            one => `${one.impact}: ${one.help}: ${one.nodes.map(node => node.html.slice(0, 160)).join(' | ')}`)),
        error => done([String(error)]));";

/// Looks at pages, and gathers what is wrong with them.
struct Looks {
    browser: Browser,
    screen: Screen,
    checker: String,
    pictures: PathBuf,
    findings: Vec<String>,
}

impl Looks {
    async fn new(shop: &OpenShop, screen: Screen) -> Self {
        let checker = std::env::var_os("AXE_CORE")
            .expect("`cargo xtask browser` gets axe-core and runs this");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let looks = Self {
            browser: Browser::at(shop).await,
            screen,
            checker: std::fs::read_to_string(checker).unwrap(),
            pictures: target.join("screenshots"),
            findings: Vec::new(),
        };
        looks.height(screen.height).await;
        looks
    }

    async fn height(&self, height: u32) {
        let emulation = self.browser.driver().cdp();
        let Screen {
            width, is_phone, ..
        } = self.screen;
        emulation
            .emulation()
            .set_device_metrics_override(width, height, 1.0, is_phone)
            .await
            .unwrap();
    }

    async fn scheme(&self, scheme: &str) {
        // Without motion, so that the colours are there at once.
        let features = [
            ("prefers-color-scheme", scheme),
            ("prefers-reduced-motion", "reduce"),
        ];
        let features = features.map(|(name, value)| json!({ "name": name, "value": value }));
        let wanted = json!({ "features": features });
        self.browser
            .driver()
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", wanted)
            .await
            .unwrap();
    }

    async fn go(&mut self, path: &str, name: &str) {
        self.browser.go(path).await;
        self.look(name).await;
    }

    /// Looks at the present page.
    async fn look(&mut self, name: &str) {
        let screen = self.screen;
        let driver = self.browser.driver().clone();
        driver.execute(&self.checker, Vec::new()).await.unwrap();
        for scheme in ["light", "dark"] {
            self.scheme(scheme).await;
            let mut found = Vec::from_iter(self.colours(scheme).await);
            found.extend(self.width().await);
            found.extend(self.sources().await);
            let checked = driver.execute_async(CHECK, Vec::new()).await.unwrap();
            found.extend(checked.convert::<Vec<String>>().unwrap());
            let told = found
                .into_iter()
                .map(|what| format!("{name}, {scheme}, {}: {what}", screen.name));
            self.findings.extend(told);
            self.picture(&format!("{}-{scheme}/{name}.png", screen.name))
                .await;
        }
    }

    async fn colours(&self, scheme: &str) -> Option<String> {
        let [page, text]: [f64; 2] = self.browser.value_of(LUMINANCES).await;
        let is_right = match scheme {
            "dark" => page < 0.03 && text > 0.6,
            _ => page > 0.8 && text < 0.1,
        };
        (!is_right).then(|| format!("the page has luminance {page:.2}, its text {text:.2}"))
    }

    async fn width(&self) -> Option<String> {
        let width: u32 = self
            .browser
            .value_of("document.documentElement.scrollWidth")
            .await;
        (width > self.screen.width).then(|| format!("it is {width} wide"))
    }

    async fn sources(&self) -> Vec<String> {
        let mut found: Vec<String> = self.browser.value_of(FOREIGN).await;
        if self.browser.value_of::<usize>(LOADED).await < 2 {
            found.push("style and script were not loaded".to_owned());
        }
        for line in self.browser.driver().browser_log().await.unwrap() {
            // Pages that say no are told there as well.
            if !line.message.contains("Failed to load resource") {
                found.push(line.message);
            }
        }
        found
    }

    async fn picture(&self, name: &str) {
        let file = self.pictures.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let height: u32 = self
            .browser
            .value_of("document.documentElement.scrollHeight")
            .await;
        self.height(height.max(self.screen.height)).await;
        self.browser.driver().screenshot(&file).await.unwrap();
        self.height(self.screen.height).await;
    }

    async fn walk(&mut self, shop: &OpenShop) {
        self.customer().await;
        self.order(shop).await;
        self.shopkeeper().await;
        self.engineer().await;
        self.go("/nothing-here", "not-found").await;
    }

    async fn customer(&mut self) {
        self.go("/", "products").await;
        self.go("/?sort=name", "products-by-name").await;
        self.go("/?q=heart", "search").await;
        self.go("/?q=no+such+thing", "search-nothing").await;
        self.go(POPCORN, "product").await;
        self.browser.write("#quantity", "a lot").await;
        self.browser.click("main form.stack button").await;
        self.browser.find("#quantity-error").await;
        self.look("product-mistake").await;
        self.go("/cart", "cart-empty").await;
        self.go("/orders", "orders-empty").await;
        for (product, quantity) in [
            ("/products/22423", "1"),
            ("/products/POST", "12"),
            (POPCORN, "1234"),
        ] {
            self.browser.add(product, quantity).await;
        }
        self.look("cart").await;
        self.browser
            .write(".items input[name=quantity]", "-3")
            .await;
        self.browser.click(".items form.inline button").await;
        self.browser.find(".error").await;
        self.look("cart-mistake").await;
        self.browser.go("/cart").await;
        self.browser
            .click("form[action='/cart/checkout'] button")
            .await;
        self.browser.find("#country-error").await;
        self.look("cart-without-country").await;
    }

    async fn order(&mut self, shop: &OpenShop) {
        // So that there is a dead letter later.
        std::fs::write(shop.mail_folder(), "in the way").unwrap();
        self.browser.order("United Kingdom").await;
        self.look("order").await;
        self.browser.click(".panel a[href^='/carts/']").await;
        self.browser.find("#moment").await;
        self.look("history").await;
        self.browser.click(".events li a").await;
        self.browser.sees("#after-heading", "event 1").await;
        self.look("history-begin").await;
        self.go("/orders", "orders").await;
        self.browser.click("tbody tr th a").await;
        self.browser.click("button.danger").await;
        self.browser.sees(".note.good", "cancelled").await;
        self.look("order-cancelled").await;
    }

    async fn shopkeeper(&mut self) {
        self.go("/orders?whose=all", "orders-all").await;
        self.browser.click("tbody tr:nth-child(2) th a").await;
        self.browser.sees(".sum", "imported").await;
        self.look("order-imported").await;
        self.go("/sales", "sales").await;
        self.browser.find("#board[data-live]").await;
        self.browser.click("summary").await;
        self.look("sales-table").await;
    }

    async fn engineer(&mut self) {
        self.browser.go("/system").await;
        self.browser
            .sees("#dead-letters td", "cannot be written")
            .await;
        self.browser.click("#rebuild-orders").await;
        self.browser.sees(".told", "built anew").await;
        self.look("system").await;
        self.browser.click("#dead-letters th a").await;
        self.browser.find("pre").await;
        self.look("letter").await;
        self.browser.click("form[action$='/discard'] button").await;
        self.browser.find("#reason-error").await;
        self.look("letter-mistake").await;
    }
}

async fn every_page(screen: Screen) {
    let shop = stocked();
    let mut looks = Looks::new(&shop, screen).await;
    looks.walk(&shop).await;
    assert!(looks.findings.is_empty(), "{}", looks.findings.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_is_right_on_a_desktop() {
    every_page(DESKTOP).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_is_right_on_a_phone() {
    every_page(PHONE).await;
}
