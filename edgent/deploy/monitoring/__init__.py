"""What people look at: what Prometheus asks, when it alerts, and what Grafana draws of it."""
