terraform import provisioning_scoping_filter.sales wiki/sales-only
