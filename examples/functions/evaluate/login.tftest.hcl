# `terraform test` runs this in CI, without an engine, a source or an application.

run "accents_are_replaced" {
  command = plan

  assert {
    condition     = provider::provisioning::evaluate(local.login, { givenName = "Zoë", surname = "Ångström" }) == "zoe.angstrom"
    error_message = "A letter of the login is not a plain one."
  }
}

run "nobody_without_a_name_gets_a_login" {
  command = plan

  assert {
    condition     = provider::provisioning::evaluate("IgnoreFlowIfNullOrEmpty(${local.login})", {}) == null
    error_message = "Somebody without names has a login."
  }
}
