//! Bad input: explained beside its field, which keeps what was typed.

use crate::browser::Browser;
use crate::shop::stocked;
use crate::shopping::POPCORN;

impl Browser {
    /// What is wrong with a field stands in the text that describes it, and the field is ready for another try.
    async fn is_told(&self, field: &str, problem: &str) {
        let described = format!("{field}[aria-invalid=true]");
        let text = self
            .find(&described)
            .await
            .attr("aria-describedby")
            .await
            .unwrap();
        self.sees(&format!("#{}", text.unwrap()), problem).await;
        let focused = format!("document.activeElement.matches(\"{described}\")");
        assert!(
            self.value_of::<bool>(&focused).await,
            "{field} has the focus"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_quantity_that_is_none_is_told_beside_its_field() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.go(POPCORN).await;
    ada.write("#quantity", "three").await;
    ada.click("main form.stack button").await;
    ada.is_told("#quantity", "“three” is not a whole number")
        .await;
    assert_eq!(ada.value("#quantity").await, "three");

    ada.add(POPCORN, "3").await;
    let field = ".items input[name=quantity]";
    ada.write(field, "0").await;
    ada.click(".items form.inline button").await;
    ada.is_told(field, "must be at least 1").await;
    assert_eq!(ada.value(field).await, "0");
    ada.go("/cart").await;
    assert_eq!(ada.value(field).await, "3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_order_without_a_country_and_a_long_reason_are_told() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.add(POPCORN, "3").await;
    ada.click("form[action='/cart/checkout'] button").await;
    ada.is_told("#country", "ountry").await;
    ada.sees(".items tbody tr", "opcorn").await;

    ada.order("France").await;
    ada.value_of::<String>("document.querySelector('#reason').value = 'why '.repeat(500)")
        .await;
    ada.click("button.danger").await;
    ada.is_told("#reason", "Please say it in at most").await;
    assert_eq!(ada.value("#reason").await, "why ".repeat(500));
    assert!(ada.shows(".state", "placed").await);
}
