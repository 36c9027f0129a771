//! ② An order's decisions: pure, on state and command alone.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{Line, Order, OrderCommand, OrderEvent, OrderRejection};

impl Handle<OrderCommand> for Order {
    fn handle(&self, command: OrderCommand, _: &Context) -> Decision<Self> {
        match (command, self) {
            (
                OrderCommand::Place {
                    customer,
                    country,
                    lines,
                    ..
                },
                _,
            ) => {
                ensure(!country.is_empty(), OrderRejection::NoCountry)?;
                ensure(!lines.is_empty(), OrderRejection::Empty)?;
                lines.iter().try_for_each(ensure_sale)?;
                Ok(vec![OrderEvent::Placed {
                    customer,
                    country,
                    lines,
                }])
            }
            (
                OrderCommand::Cancel { reason, .. },
                Order::Placed {
                    customer,
                    country,
                    amount,
                },
            ) => Ok(vec![OrderEvent::Cancelled {
                reason,
                customer: customer.clone(),
                country: country.clone(),
                amount: *amount,
            }]),
            (OrderCommand::Cancel { .. }, Order::New) => Err(OrderRejection::Empty),
            (OrderCommand::Cancel { .. }, Order::Cancelled) => Err(OrderRejection::Cancelled),
        }
    }
}

fn ensure_sale(line: &Line) -> Result<(), OrderRejection> {
    let sale = line.units > 0 && line.price > Decimal::ZERO;
    ensure(
        sale,
        OrderRejection::NoSale {
            product: line.product.to_string(),
        },
    )
}

#[cfg(test)]
mod tests;
