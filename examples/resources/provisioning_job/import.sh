terraform import provisioning_job.wiki wiki/main
