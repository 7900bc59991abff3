# A target runs a command of dev/commands.py; ARGS="…" passes arguments on.
.DEFAULT_GOAL := help
.PHONY: help setup demo smoke test bench odoo-suite lint i18n pins stop clean

help:  ## what there is to make
	@sed -n 's/^\([a-z0-9-]*\):[ a-z]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:  ## the development environment in .dev/ (done by the others where it is missing)
	@dev/run setup $(ARGS)

demo:  ## an Odoo with demo data, the addon and an inbox to look at
	@dev/run demo $(ARGS)

smoke:  ## the demo, started and used once by a script
	@dev/run smoke $(ARGS)

test:  ## the test suite, on all processors; some of it: make test ARGS="tests/sending -k image"
	@dev/run test $(ARGS)

bench:  ## measurements, side by side with what else does the same
	@dev/python -m benchmarks $(ARGS)

odoo-suite:  ## Odoo's own tests of mails and mailings, with the addon and without
	@dev/run odoo-suite $(ARGS)

lint:  ## all the checks of the code, as pre-commit does
	@dev/run lint $(ARGS)

i18n:  ## the terms to translate anew, and the translations in step with them
	@dev/run i18n $(ARGS)

pins:  ## dev/setup/requirements.txt anew from dev/setup/requirements.in
	@dev/run pins $(ARGS)

stop:  ## stop the private PostgreSQL cluster
	@dev/run stop

clean: stop  ## remove the environment, its databases included
	rm -rf .dev
