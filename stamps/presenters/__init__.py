"""What screens show of orders: plain values for the templates."""
