terraform import provisioning_app.wiki wiki
