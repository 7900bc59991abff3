# Each target is one script in dev/; ARGS="…" passes arguments on.
.DEFAULT_GOAL := help
.PHONY: help setup demo smoke test bench odoo-suite lint i18n pins stop clean

help:  ## what there is to make
	@sed -n 's/^\([a-z0-9-]*\):[ a-z]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:  ## the development environment in .dev/ (done by the others where it is missing)
	@dev/setup $(ARGS)

demo:  ## an Odoo with demo data, the addon and an inbox to look at
	@dev/demo $(ARGS)

smoke:  ## the demo, started and used once by a script
	@dev/smoke $(ARGS)

test:  ## the test suite: make test ARGS="tests/tools/test_tracking_token.py -k refused"
	@dev/test $(ARGS)

bench:  ## measurements, side by side with what else does the same
	@dev/bench $(ARGS)

odoo-suite:  ## Odoo's own tests of mails and mailings, with the addon and without
	@dev/odoo_suite $(ARGS)

lint:  ## all the checks of the code, as pre-commit does
	@dev/lint $(ARGS)

i18n:  ## the terms to translate anew, and the translations in step with them
	@dev/i18n $(ARGS)

pins:  ## dev/requirements.txt anew from dev/requirements.in
	@dev/pins $(ARGS)

stop:  ## stop the private PostgreSQL cluster
	@dev/stop

clean: stop  ## remove the environment, its databases included
	rm -rf .dev
