# A target runs a command of dev/commands.py; ARGS="…" passes arguments on.
.DEFAULT_GOAL := help
.PHONY: help setup demo smoke test bench odoo-suite lint i18n networks pins stop clean

help:  ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):[ a-z]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:  ## make the development environment in .dev/ (other targets do this if needed)
	@dev/run setup $(ARGS)

demo:  ## start an Odoo with demo data and an inbox, to try the addon
	@dev/run demo $(ARGS)

smoke:  ## start the demo and use it once by a script; with pictures: SCREENSHOTS=folder
	@dev/run smoke $(ARGS)

test:  ## run all tests on all processors, or some: make test ARGS="tests/sending -k image"
	@dev/run test $(ARGS)

bench:  ## measure the speed of the addon, of Odoo and of OCA's mail_tracking
	@dev/python -m benchmarks $(ARGS)

odoo-suite:  ## run Odoo's own tests of emails and mailings, with the addon and without
	@dev/run odoo-suite $(ARGS)

lint:  ## check the code with pre-commit
	@dev/run lint $(ARGS)

i18n:  ## export the terms to translate, and update the translations
	@dev/run i18n $(ARGS)

networks:  ## replace a vendor's networks by the vendor's list: make networks ARGS=--help
	@dev/run networks $(ARGS)

pins:  ## resolve dev/setup/requirements.in into dev/setup/requirements.txt
	@dev/run pins $(ARGS)

stop:  ## stop the private PostgreSQL cluster
	@dev/run stop

clean: stop  ## remove the environment and its databases
	rm -rf .dev
