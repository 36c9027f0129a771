//! What derive(Projection) does at run time.

use cqrs::prelude::*;
use cqrs::projection::ViewRow;
use cqrs::view::{ColumnKind, Value};

#[derive(Id)]
struct OrderId(u64);

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "order", id = OrderId)]
enum OrderEvent {
    Placed { customer: String },
}

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "payment", id = OrderId)]
enum PaymentEvent {
    Received,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
}

#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "orders", version = 2, events(OrderEvent, PaymentEvent))]
#[projection(key = order, index(customer, (customer, r#type)), full_text(customer))]
struct Order {
    r#type: Option<i32>,
    customer: String,
    #[projection(json)]
    lines: Vec<Line>,
    order: OrderId,
    #[projection(index)]
    paid: bool,
}

impl Project<OrderEvent> for Order {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        let OrderEvent::Placed { customer } = &event.data;
        rows.upsert(&event.id, |row| row.customer = customer.clone());
    }
}

impl Project<PaymentEvent> for Order {
    fn project(event: &Recorded<PaymentEvent>, rows: &mut Rows<Self>) {
        rows.update(&event.id, |row| row.paid = true);
    }
}

fn order() -> Order {
    let lines = vec![Line {
        sku: "apple".to_owned(),
    }];
    Order {
        r#type: None,
        customer: "Ada".to_owned(),
        lines,
        order: OrderId(7),
        paid: true,
    }
}

#[test]
fn the_schema_is_made_from_the_fields() {
    let schema = Order::schema();
    assert_eq!((schema.name, schema.version), ("orders", 2));
    assert_eq!(schema.key_column().name, "order");
    assert_eq!(schema.indexes, [vec![1], vec![1, 0], vec![4]]);
    assert_eq!(schema.full_text, [1]);
    let columns = schema
        .columns
        .iter()
        .map(|column| (column.name, column.kind, column.nullable));
    let expected = [
        ("type", ColumnKind::Integer, true),
        ("customer", ColumnKind::Text, false),
        ("lines", ColumnKind::Json, false),
        ("order", ColumnKind::Integer, false),
        ("paid", ColumnKind::Bool, false),
    ];
    assert_eq!(columns.collect::<Vec<_>>(), expected);
}

#[test]
fn a_row_goes_out_and_comes_back() {
    let order = order();
    let cells: Vec<_> = (0..5).map(|column| order.cell(column).unwrap()).collect();
    let expected = [
        Value::Null,
        Value::Text("Ada".to_owned()),
        Value::Json(r#"[{"sku":"apple"}]"#.to_owned()),
        Value::Integer(7),
        Value::Bool(true),
    ];
    assert_eq!(cells, expected);
    assert_eq!(Order::from_row(cells).unwrap(), order);
    assert_eq!(order.key(), &OrderId(7));
}

#[test]
fn a_row_that_does_not_fit_names_the_column() {
    let cells = vec![Value::Null, Value::Integer(1)];
    let error = Order::from_row(cells).unwrap_err().to_string();
    assert!(
        error.starts_with("column `customer`: expected Text"),
        "{error}"
    );
    let error = Order::from_row(vec![]).unwrap_err().to_string();
    assert_eq!(error, "column `type`: the cell is missing");
    assert!(order().cell(5).is_err());
}

#[test]
fn columns_are_constants() {
    let filters = [
        Order::CUSTOMER.eq("Ada"),
        Order::TYPE.is_null(),
        Order::PAID.eq(true),
    ];
    assert_eq!(filters.len(), 3);
    let _ = (Order::ORDER.desc(), Order::LINES);
}

#[test]
fn it_follows_every_enum_that_is_named() {
    let names = Order::EVENTS
        .iter()
        .flat_map(|types| types.iter())
        .map(|known| known.name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["order.placed", "payment.received"]
    );
    assert_eq!(Order::NAME, "orders");
}
