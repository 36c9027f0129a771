//! With the keyboard alone.

use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::shop::stocked;

/// More stops than any page here has before what is looked for.
const STOPS: usize = 60;

const FOCUS_IS_SEEN: &str = "(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const place = element.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const inside = place.width > 0 && place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth;
    return outlined && inside;
})()";

impl Browser {
    async fn press(&self, keys: impl Into<TypingData>) {
        let keys = self.driver().action_chain().send_keys(keys);
        keys.perform().await.unwrap();
    }

    async fn focus_is(&self, css: &str) -> bool {
        self.value_of(&format!("document.activeElement.matches(\"{css}\")"))
            .await
    }

    /// Presses Tab until an element has the focus; each stop on the way can be seen.
    async fn tab_to(&self, css: &str) {
        for _ in 0..STOPS {
            self.press(Key::Tab + "").await;
            let stop: String = self
                .value_of("document.activeElement.outerHTML.slice(0, 200)")
                .await;
            assert!(
                self.value_of::<bool>(FOCUS_IS_SEEN).await,
                "the focus is not seen at {stop}"
            );
            if self.focus_is(css).await {
                return;
            }
        }
        panic!("Tab does not lead to `{css}` at {}", self.place().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_whole_purchase_needs_no_pointer() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.press(Key::Tab + "").await;
    assert!(
        ada.focus_is("a.skip").await,
        "the first stop skips the navigation"
    );
    assert!(ada.value_of::<bool>(FOCUS_IS_SEEN).await);
    ada.press(Key::Enter + "").await;
    ada.until("the content", async || ada.focus_is("#main").await)
        .await;
    ada.tab_to("#q").await;

    ada.press("heart").await;
    ada.press(Key::Enter + "").await;
    ada.reach("/?q=heart").await;
    ada.tab_to(".card h2 a").await;
    ada.press(Key::Enter + "").await;
    ada.reach("/products/").await;
    ada.tab_to("#quantity").await;
    // What Tab comes to is selected, so typing takes its place.
    ada.press("4").await;
    ada.press(Key::Enter + "").await;
    ada.reach("/cart").await;
    ada.sees(".badge", "4").await;

    ada.tab_to("#country").await;
    ada.press("France").await;
    ada.tab_to("form[action='/cart/checkout'] button").await;
    ada.press(Key::Enter + "").await;
    ada.reach("/orders/").await;
    ada.sees(".note.good", "Your order is placed").await;
    ada.sees(".sum", "France").await;
}
