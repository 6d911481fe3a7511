# One virtual environment holds everything; `make setup` makes it, every other target needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Torch for TorchServe's workers and for training. The CPU build (+cpu) is tried first, from wherever pip looks
# (PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL); name another one with TORCH=torch==X.Y.Z.
TORCH ?= torch==2.13.0
PIPELINES ?= pipelines/lenet.yaml pipelines/alexnet.yaml
export EDGENT_DATA_DIR ?= $(CURDIR)/data

.DEFAULT_GOAL := help
.PHONY: help setup demo docs check test test-all test-timing pythons archive serve stop lint types data clean bench-hop bench bench-planner bench-faults bench-rescue bench-static bench-windows bench-crossings bench-exit-rules bench-leaving bench-load bench-edges bench-asymmetric bench-stream bench-moving bench-paper bench-scale bench-watching soak release-check

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.done ## Make .venv and install everything into it

NOT_INSTALLED := { echo "pip installs nothing, for the reason above: see whether it reaches its index (PIP_INDEX_URL), and run make setup again; without a network, set PIP_NO_INDEX=1 and PIP_FIND_LINKS to a folder of wheels" >&2; exit 1; }
$(VENV)/.done: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "there is no $(PYTHON) here: install Python 3.10 to 3.13, or name one with make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "edgent needs Python 3.10 or newer; name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	@echo "pip installs edgent and all that it needs into $(VENV), which takes minutes"
	@$(BIN)/python -m pip install --quiet --upgrade pip || $(NOT_INSTALLED)
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet '$(TORCH)+cpu' 2>/dev/null || $(BIN)/python -m pip install --quiet '$(TORCH)' || $(NOT_INSTALLED)
	@$(BIN)/python -m pip install --quiet --editable '.[dev]' || $(NOT_INSTALLED)
	@touch $@

DEMO := exit2:p0 exit1:p3:uint8 exit2:p6 exit2:p9:uint8 exit1:p7 exit2:p12
demo: setup ## Build archives, start TorchServe, answer real images half here and half there
	$(BIN)/edgent show pipelines/lenet.yaml
	$(BIN)/edgent archive pipelines/lenet.yaml --store archives/demo $(DEMO:%=--warm %)
	$(BIN)/edgent serve --store archives/demo $(BIN)/edgent-device --pipeline pipelines/lenet.yaml $(DEMO:%=--plan %)

# As many processes as cores, of one thread each; tests that share a TorchServe run in one (tests/scheduling.py).
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(or $(PROCESSES),logical) --maxprocesses 4

check: setup lint types ## Lint, types and the fast tests (a minute)
	$(PYTEST) -m fast

test: setup lint types ## What a change has to pass: the same, and TorchServe (15 minutes)
	$(PYTEST) --cov

test-all: setup lint types ## Every cut, fault and fuzzed request, too, at full length (20 minutes)
	EDGENT_FUZZ=$(or $(EDGENT_FUZZ),5000) $(PYTEST) -m "not timing" --hypothesis-profile full

test-timing: setup ## Measured times against limits, on a machine that does nothing else
	$(BIN)/python -m pytest -m timing

# pyenv offers a Python only when it is named.
pythons: setup ## The fast tests on other Pythons and with the oldest dependencies; SESSION=oldest for these
	PYENV_VERSION="$$(pyenv versions --bare 2>/dev/null | paste -sd: -)" \
	  $(BIN)/nox $(if $(SESSION),--session $(SESSION)) --envdir $(or $(ENVS),$${TMPDIR:-/tmp}/edgent-pythons)

release-check: setup ## Build wheel and source distribution into dist/, check them, install them; no upload
	rm -rf dist
	$(BIN)/python -m releasing

archive: setup ## Build archives/ for all pipelines, every head, in this version alone
	$(BIN)/edgent archive --all --replace $(PIPELINES)

# TorchServe stays, and keeps what it was given as its output: a file, as a pipe would never end.
serve: setup ## Start TorchServe with archives/ on the default ports
	@test -f archives/config.properties || { echo "there are no archives/ to serve: run make archive"; exit 2; }
	@mkdir -p logs
	JAVA_HOME="$$($(BIN)/python -m edgent.edge.java)" $(BIN)/torchserve --start --ncs --model-store archives \
	  --ts-config archives/config.properties --log-config archives/log4j2.xml </dev/null >logs/console.log 2>&1
	@echo "TorchServe starts, and says what is wrong in logs/console.log; make stop ends it"

stop: ## Stop it
	$(BIN)/torchserve --stop

bench-hop: setup ## One hop to the edge: TorchServe and other servers side by side
	$(BIN)/python -m benchmarks.studies.hop --docs

bench-planner: setup ## One decision of every planner and policy
	$(BIN)/python -m benchmarks.studies.decisions

bench-watching: setup ## What a recording and a live page take of requests (2 minutes)
	$(BIN)/python -m benchmarks.studies.watching --docs

bench-faults: setup ## Faults of edge and link against what the device answers (4 minutes)
	$(BIN)/python -m benchmarks.studies.faults --docs

bench-rescue: setup ## A link that dies in every request: what the device still answers (20 minutes)
	$(BIN)/python -m benchmarks.studies.rescue --docs

bench-load: setup ## Clients and runtimes at slow heads, deadlines kept and not, beside a simulation (9 minutes)
	$(BIN)/python -m benchmarks.studies.load --docs

bench-edges: setup ## One of two edges fails; three unequal ones beside the best split (15 minutes, root)
	$(BIN)/python -m benchmarks.studies.edges --docs

bench-static: setup ## Plans on steady links: predicted against measured, regret (15 minutes, root)
	$(BIN)/python -m benchmarks.studies.static --docs

bench-windows: setup ## Windows: equal answers, memory, first answers, plans and their times (10 minutes, root)
	$(BIN)/python -m benchmarks.studies.windows --docs

bench-crossings: setup ## Learned codecs beside every other way of answering as accurately (15 minutes, root)
	$(BIN)/python -m benchmarks.studies.crossings --docs

bench-exit-rules: setup ## Exit rules on resamples: whether their guarantee holds, and what they save (a minute)
	$(BIN)/python -m benchmarks.studies.exit_rules --docs

bench-leaving: setup ## What exit rules save on a slow device and a slow link (20 minutes, root)
	$(BIN)/python -m benchmarks.studies.leaving --docs

bench-scale: setup ## What edgent costs against the size of the network (40 minutes)
	$(BIN)/python -m benchmarks.studies.scale --docs

bench-moving: setup ## The same workload on links that move: real traces, up and down apart (30 minutes, root)
	$(BIN)/python -m benchmarks.studies.moving --docs

bench-asymmetric: setup ## Links ten times as quick one way as the other: predictions, beliefs (10 minutes, root)
	$(BIN)/python -m benchmarks.studies.asymmetric --docs

bench-stream: setup ## Streams of frames, overlapped and one by one, on a slow and a quick link (10 minutes, root)
	$(BIN)/python -m benchmarks.studies.stream --docs

bench: setup ## edgent beside what people do today, on photos, slow devices, many links (45 minutes; QUICK=1: 3)
	$(BIN)/python -m benchmarks.studies.workload $(if $(QUICK),--quick,--docs)

bench-paper: setup ## The paper's methods on its own network, into docs/ (20 minutes; QUICK=1: 3, into runs/)
	$(BIN)/python -m benchmarks.studies.comparison $(if $(QUICK),--quick --out runs/bench,--docs)

soak: setup ## 200,000 requests: memory, threads and file descriptors of both sides
	$(BIN)/python -m benchmarks.studies.soak --docs

docs: setup ## The documentation as a site, into site/; it ends at the first broken link
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open site/index.html, or serve it: $(BIN)/mkdocs serve"

lint: setup ## Ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Mypy, strict
	$(BIN)/mypy
	$(BIN)/mypy handlers/head_handler.py handlers/pipeline_handler.py handlers/probe_handler.py

data: setup ## Fetch the official CIFAR-10 into data/ (offline: set EDGENT_DATA_DIR)
	$(BIN)/edgent data

clean: ## Remove what was built, .venv included
	rm -rf $(VENV) build dist runs site .mypy_cache .ruff_cache .pytest_cache .hypothesis logs
	find archives -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -prune -exec rm -rf {} +
