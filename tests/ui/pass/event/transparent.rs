use cqrs::prelude::*;

#[derive(Id)]
struct CartId(String);

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "cart", id = CartId)]
enum CartEvent {
    Started,
}

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "order", id = CartId)]
enum OrderEvent {
    Placed,
}

#[derive(Event)]
#[event(transparent)]
enum ShopEvent {
    Cart(CartEvent),
    Order(self::OrderEvent),
}

#[derive(Event)]
#[event(transparent, crate = cqrs)]
enum EveryEvent {
    Shop(ShopEvent),
    Account(cqrs::doc::AccountEvent),
}

fn main() {
    assert_eq!(<EveryEvent as cqrs::Event>::TYPES.len(), 5);
    let placed = EveryEvent::Shop(ShopEvent::Order(OrderEvent::Placed));
    assert_eq!(cqrs::Event::event_type(&placed).name, "order.placed");
}
