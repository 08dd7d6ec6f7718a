# The commands of the repository. They need Python ≥ 3.11 and make; everything else is installed into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done || echo python3)
VENV := .venv/bin/python
INSTALLED := .venv/.installed
LOCAL := $(VENV) -m lanling_local

DISTRIBUTIONS := $(wildcard services/*/pyproject.toml gateway/pyproject.toml deploy/*/pyproject.toml)
PACKAGES := $(filter-out tests check,$(notdir $(patsubst %/,%,$(dir \
	$(wildcard services/*/*/__init__.py gateway/*/__init__.py deploy/*/*/__init__.py)))))
# In this order: what needs no broker and no database fails soonest; each distribution by itself; the county as a whole.
FAST_TESTS := $(wildcard gateway/tests services/demo/tests)
# By themselves: two packages of tests cannot share a process when both are called so.
DEPLOY_TESTS := $(filter-out deploy/local/tests,$(wildcard deploy/*/tests))
# Slow and mostly waiting first, so that no core idles at the end.
PART_TESTS := deploy/local/tests $(filter-out $(FAST_TESTS),$(wildcard services/*/tests))
# tests/topics last: it reads what all others have written.
COUNTY_TESTS := $(wildcard tests/contract tests/scenarios tests/security tests/subscribers tests/topics)
RELIABILITY_TESTS := $(wildcard tests/reliability)
TEST_PROCESSES ?= 2
PYTEST_OPTIONS ?=
PYTEST = $(VENV) -m pytest -q $(PYTEST_OPTIONS)
# A selection may leave nothing of one stage (exit code 5); without a selection that is an error.
COUNTY_RUN = if [ -n "$(COUNTY_TESTS)" ]; then $(PYTEST) $(COUNTY_TESTS) $(OR_NOTHING_SELECTED); fi
RELIABILITY_RUN = if [ -n "$(RELIABILITY_TESTS)" ]; then $(PYTEST) $(RELIABILITY_TESTS) $(OR_NOTHING_SELECTED); fi
OR_NOTHING_SELECTED = || test $$? -eq 5 -a -n "$(PYTEST_OPTIONS)"

.PHONY: help run test test-parts lint status demo token images image sbom deploy deploy-check kubernetes-check alerts-check dashboards-check drill compose-schema publish-schemas clean-data install bench bench-events reliability fuzz-gateway interop

define HELP
  make run             the county on this machine: Kafka, MongoDB, services, gateway, demonstration data; Ctrl-C stops it
  make status          one table of the running county: versions, health, what waits, rates; fails when something is not well;
                       STATUS_URLS="points=http://10.0.0.4:8000 …" asks another county
  make token           one bearer token: make -s token ROLE=AUDITOR, or several roles ROLE=A,B; and if wanted
                       SUB= COUNTYWIDE=1 HOURS= and ids, COMMUNITY= STREET= GRID= DEPARTMENT= PARTNER= ENTERPRISE=
                       SUPERMARKET= UNION=
  make demo            the demonstration data once more, into the running county; SERVICE=points for one service
  make clean-data      forget the data and logs of the stopped county
  make test            all tests, on a broker and a database of their own; PYTEST_OPTIONS='-k ledger'
  make reliability     kill the county's processes under load and check that nothing is lost, twice or out of order;
                       COMMANDS=20000 KILLS=50 SEED=1
  make bench           ours and other gateways side by side, some four minutes; hive-router where it is on PATH
  make bench-events    figures of commands and events, one a line; PARTS='latency drain' for some
  make lint            format, style, types, directions of imports
  make fuzz-gateway    gateway against one schema, over made-up federations; CASES=5000 SEED=1; PEER=hive asks another
                       router, too: hive, hive-rust or apollo
  make interop         the county behind other routers: the same questions, the same answers
  make compose-schema  write schemas/ from the code: subgraphs, supergraph, public schema, events and their catalogue
  make images          the images of all services and the gateway: VERSION=1.4.0; or REVISION= BASE_IMAGE= BUILD_NETWORK=
  make image           one of them: SERVICE=points VERSION=1.4.0; make sbom VERSION=1.4.0 lists what they hold
  make deploy          one service, beside the others: SERVICE=points VERSION=1.4.0; DRY_RUN=1 shows what would be done
  make kubernetes-check renders and validates the manifests, where kustomize or kubectl is on PATH
  make alerts-check    tries the alert rules with promtool, where it is on PATH
  make dashboards-check every expression of dashboards and rules, by Prometheus where it is on PATH, on the county of make run
  make drill           a failure of the running county, and back: NAME=kafka-away, service-killed, points-away,
                       poison-event or all
  make deploy-check    images and deployments, tried on the Docker engine of this machine
  make publish-schemas promise the events as they are now to their subscribers: from then on only additions are allowed
endef

help:
	$(info $(HELP))
	@:

run: $(INSTALLED)
	@exec $(LOCAL) run

# The tests of the whole county and of its reliability start stacks of their own and mostly wait for them: they run beside
# the others and are shown last.
test: $(INSTALLED)
	@$(LOCAL) install-composer
	@mkdir -p .run; ( $(COUNTY_RUN) ) > .run/county-tests.log 2>&1 & county=$$!; \
	( $(RELIABILITY_RUN) ) > .run/reliability-tests.log 2>&1 & reliability=$$!; \
	trap 'pkill -TERM -P $$county; pkill -TERM -P $$reliability; exit 130' INT TERM; \
	$(MAKE) test-parts; parts=$$?; wait $$county; county=$$?; cat .run/county-tests.log; \
	wait $$reliability; reliability=$$?; cat .run/reliability-tests.log; exit $$((parts + county + reliability))

# Kills the county's processes under load and checks every promise of the event backbone: docs/reliability.md.
COMMANDS ?= 20000
KILLS ?= 50
SEED ?= 1

reliability: $(INSTALLED)
	@PYTHONPATH=tests exec $(VENV) -m reliability.run --commands $(COMMANDS) --kills $(KILLS) --seed $(SEED)

test-parts:
	@$(PYTEST) -p no:govkit -n $(TEST_PROCESSES) --dist worksteal $(FAST_TESTS) $(OR_NOTHING_SELECTED)
	@$(PYTEST) -p no:govkit -n $(TEST_PROCESSES) --dist worksteal $(DEPLOY_TESTS) $(OR_NOTHING_SELECTED)
	@$(LOCAL) broker-and-database -- $(PYTEST) -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(PART_TESTS) $(OR_NOTHING_SELECTED)

lint: $(INSTALLED)
	@$(VENV) -m ruff format --check --quiet --output-format concise . || { echo "not formatted: run $(VENV) -m ruff format ."; exit 1; }
	@$(VENV) -m ruff check --quiet .
	@$(VENV) -m mypy $(addprefix -p ,$(PACKAGES))
	@$(VENV) -m mypy deploy/local/install.py deploy/kafka/*.py deploy/kubernetes/*.py deploy/drills/*.py deploy/observability/*.py deploy/docker/image/*.py $(wildcard deploy/*/check) docs/examples $(FAST_TESTS) $(DEPLOY_TESTS) $(PART_TESTS) $(if $(wildcard tests/*.py tests/*/*.py),tests)
	@.venv/bin/lint-imports --no-logo

status: $(INSTALLED)
	@$(LOCAL) status

demo: $(INSTALLED)
	@$(LOCAL) demo --service "$(SERVICE)"

token:
	@test -e $(INSTALLED) || $(PYTHON) deploy/local/install.py --quiet
	@$(LOCAL) token --role "$(ROLE)" --sub "$(SUB)" --hours="$(HOURS)" --county-wide "$(COUNTYWIDE)" \
		--community "$(COMMUNITY)" --street "$(STREET)" --grid "$(GRID)" --department "$(DEPARTMENT)" \
		--partner "$(PARTNER)" --enterprise "$(ENTERPRISE)" --supermarket "$(SUPERMARKET)" --union "$(UNION)"

# Wants the packages of tests/interop/peers, which npm installs the first time.
bench: $(INSTALLED)
	@PYTHONPATH=tests:gateway $(VENV) -m bench.gateway

# On a broker and a database of its own, about two minutes; PARTS chooses of: commands latency drain drain-one restart consumer
bench-events: $(INSTALLED)
	@PYTHONPATH=tests $(VENV) -m bench.events $(PARTS)

fuzz-gateway: $(INSTALLED)
	@$(LOCAL) install-composer
	@cd gateway && PYTHONPATH=../tests ../$(VENV) -m tests.oracle$(if $(PEER),.second --peer $(PEER)) \
		--cases $(or $(CASES),2000) --seed $(or $(SEED),1)

# Starts a county of its own, about three minutes; the first time npm installs the routers, 700 MB.
interop: $(INSTALLED)
	@$(PYTEST) tests/interop

compose-schema: $(INSTALLED)
	@$(LOCAL) compose-schema

publish-schemas: $(INSTALLED)
	@$(LOCAL) publish-schemas

# Where deploy.toml is: DEPLOY_CONFIG, else /etc/lanling. Also: .venv/bin/lanling-deploy --help
deploy: $(INSTALLED)
	@$(VENV) -m lanling_deploy deploy "$(SERVICE)" "$(VERSION)" $(if $(DRY_RUN),--dry-run)

# BASE_IMAGE and BUILD_NETWORK come from the environment or the command line: docs/images.md.
VERSION ?= 0.0.0
REVISION ?= HEAD
export BASE_IMAGE BUILD_NETWORK

images: $(INSTALLED)
	@$(VENV) -m lanling_images build --version "$(VERSION)" --revision "$(REVISION)"

image: $(INSTALLED)
	@$(VENV) -m lanling_images build "$(SERVICE)" --version "$(VERSION)" --revision "$(REVISION)"

sbom: $(INSTALLED)
	@$(VENV) -m lanling_images sbom $(SERVICE) --version "$(VERSION)"

deploy-check: $(INSTALLED)
	@if $(VENV) -m lanling_images ping; then $(LOCAL) broker-and-database -- $(PYTEST) -rs $(wildcard deploy/*/check); \
	else echo "skipped: building images, running them, deploying under load"; fi

# The validator carries the schemas of all versions of Kubernetes, 108 MB: installed only for this.
kubernetes-check: $(INSTALLED)
	@$(VENV) -m venv .run/kubernetes-check --without-pip
	@$(VENV) -m uv pip install -q --python .run/kubernetes-check --require-hashes -r deploy/kubernetes/validate.txt
	@.run/kubernetes-check/bin/python deploy/kubernetes/render.py --check

drill: $(INSTALLED)
	@$(VENV) deploy/drills/drill.py "$(or $(NAME),all)"

# promtool comes with Prometheus.
alerts-check:
	@if command -v promtool >/dev/null; then \
		promtool check rules deploy/observability/rules/alerts.yaml deploy/observability/rules/recording.yaml && \
		promtool test rules deploy/observability/rules/alerts_test.yaml && \
		promtool check config --syntax-only deploy/docker/observability/prometheus.yaml; \
	else echo "skipped: promtool is not on PATH (it comes with Prometheus)"; fi

# Beside `make run`, with the same ports.
dashboards-check: $(INSTALLED)
	@$(VENV) deploy/observability/evaluate.py

clean-data: $(INSTALLED)
	@$(LOCAL) clean-data

install: $(INSTALLED)

$(INSTALLED): requirements/all.txt requirements/bootstrap.txt $(DISTRIBUTIONS)
	@$(PYTHON) deploy/local/install.py
