PYTHON ?= python3

.PHONY: run test bench
run test bench:
	@$(PYTHON) packaging/bootstrap.py $@ $(ARGS) $(if $(ONLY),--only $(ONLY))
