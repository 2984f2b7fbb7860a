import {
  to = provisioning_scoping_filter.sales
  id = "wiki/sales-only"
}
