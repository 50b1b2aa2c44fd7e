"""One module a job: run(request, region) -> Result, the one way to an answer."""
