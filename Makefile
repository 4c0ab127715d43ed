# Espalier's commands. The first two install what a fresh Debian or Ubuntu machine with Swift lacks.

SHELL := /bin/bash
PACKAGES := libcairo2-dev libhdf5-dev libopenblas-dev libdeflate-dev libpng-dev libturbojpeg0-dev libzip-dev zlib1g-dev libssl-dev libcmark-gfm-dev libcmark-gfm-extensions-dev fonts-dejavu-core pkg-config
ESPALIER := .build/release/espalier
RUN := runs/default
SOURCES := Package.swift $(shell find Sources templates -type f)

# Programs carry Swift's libraries: they start sooner than with ones that the loader joins, and run where no Swift is.
STATIC := --static-swift-stdlib

# make fuzz TARGETS="csv yaml" INPUTS=1000000 SECONDS_EACH=60 SEED=2, and SANITIZE=address for a build that checks addresses.
TARGETS := hdf5-model hdf5-dataset model-config run-record yaml csv image template npy npz idx onnx keras
INPUTS := 100000
SEED := 1
SECONDS_EACH :=
SANITIZE :=
SANITIZERS := address thread
# Where install puts the program.
PREFIX := /usr/local
# What docs documents.
LIBRARY := Report Experiment Defences Attacks Datasets ModelFiles NeuralNetwork HDF5 Plotting Files
# Seeds and options of same-bytes.
SEEDS := 1 2 3
OPTIONS :=
FIGURES := 2000
RUNS := 200
COMPARISONS := 200
AT_A_TIME := 8
# Where Debian's package has Fashion-MNIST.
FASHION := /usr/share/datasets/fashion-mnist
# How many seeds test-slurm compares.
SLURM_SEEDS := 40
# Tests that test-avx512 runs, by a regular expression.
EMULATED := NeuralNetworkTests
FUZZ_BUILD = $(if $(SANITIZE),--sanitize=$(SANITIZE) --scratch-path .build/$(SANITIZE),$(STATIC))

.PHONY: defences defences-fashion install check-page docs examples report compare test figure build format lint check-keras check-onnx check-fashion kill-test same-bytes stress bench fuzz test-sanitized test-avx512 test-slurm packages

## report: the figure and the report, from nothing
report: build
	$(ESPALIER) run --output $(RUN) $(ARGS)
	$(ESPALIER) plot $(RUN) --output figures/output.svg

## figure: figures/output.png, .pdf and .svg again, from the last run's record
figure: build
	$(ESPALIER) plot $(RUN) --output figures/output.png --output figures/output.pdf --output figures/output.svg

## compare: twenty seeds beside each other; runs that are there are kept, so that a second time only reads them
compare: $(ESPALIER)
	$(ESPALIER) compare --seeds 1-20 --keep record $(ARGS)

# What a comparison of fifteen networks can afford of defences that iterate; their papers' settings are the command's defaults.
DEFENCE_OPTIONS := anp.iterations=100,anp.batch=64,rnp.unlearn-epochs=10,rnp.recover-epochs=10,fine-pruning.epochs=10

## defences: every defence on three attacks with five seeds; runs that are there are kept, so that a second time only reads them
defences: $(ESPALIER)
	$(ESPALIER) compare --seeds 1-5 --across attack,defence --attacks sunglasses,blended,wanet \
	  --defence-options $(DEFENCE_OPTIONS) --keep record --output runs/defences --figure figures/defences.png \
	  --report report/defences.md $(ARGS)

## defences-fashion: the same on Fashion-MNIST of Debian's package
defences-fashion: PACKAGES += dataset-fashion-mnist
defences-fashion: build
	$(ESPALIER) compare --seeds 1-5 --across attack,defence --attacks patch,blended,wanet \
	  --clean-train $(FASHION)/train-images-idx3-ubyte.gz:0-10000 \
	  --clean-valid $(FASHION)/train-images-idx3-ubyte.gz:54000-55000 \
	  --clean-test $(FASHION)/t10k-images-idx3-ubyte.gz:0-2000 --epochs 4 --defence-options $(DEFENCE_OPTIONS) \
	  --keep record --output runs/defences-fashion --figure figures/defences-fashion.png \
	  --report report/defences-fashion.md $(ARGS)

## test: format, lint, then every test; prints their count
test: packages lint
	swift test -c release --disable-testable-imports

## test-sanitized: every test in a build that checks addresses, then in one that checks threads
test-sanitized: packages
	@for sanitizer in $(SANITIZERS); do \
	  case $$sanitizer in \
	    thread) options=TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=$(CURDIR)/Tests/Tools/thread-sanitizer.txt;; \
	    *) options=ASAN_OPTIONS=detect_leaks=0;; \
	  esac; \
	  echo "$$sanitizer sanitizer" && env $$options swift test -c release --disable-testable-imports --sanitize=$$sanitizer --scratch-path .build/$$sanitizer || exit 1; \
	done

## test-avx512: the network's tests on an emulated processor with AVX-512, some minutes long; EMULATED says which instead
test-avx512: PACKAGES += bochs bochs-term bochsbios vgabios
test-avx512: packages
	swift test list -c release --disable-testable-imports >/dev/null
	Tests/Tools/emulated-avx512.sh $$(swift build -c release --show-bin-path)/espalierPackageTests.xctest --filter '$(EMULATED)'

## test-slurm: a comparison on a real Slurm on this machine (root; Debian's slurm-wlm), with failures; its records beside local ones
test-slurm: build
	Tests/Tools/slurm-test.sh $(ESPALIER) $(SLURM_SEEDS)

# Asked by time stamps first, because swift build takes seconds to find out that nothing changed.
$(ESPALIER): $(SOURCES)
	$(MAKE) build
	@touch $@

build: packages
	swift build -c release $(STATIC) --product espalier

## install: the program, manual pages and completions, below PREFIX
install: $(ESPALIER)
	Tools/install.sh $(ESPALIER) "$(DESTDIR)$(PREFIX)"

## docs: the library's documentation, into .build/docs
docs: packages
	ESPALIER_DOCS=1 swift package --disable-index-store --allow-writing-to-directory .build/docs generate-documentation \
	  $(foreach module,$(LIBRARY),--target $(module)) --enable-experimental-combined-documentation --output-path .build/docs

## examples: the programs in Examples, built and run
examples: packages
	Examples/run.sh

## check-page: the HTML reports in Chromium, wide, narrow and printed; pictures are left in .build/pages
check-page: PACKAGES += chromium poppler-utils
check-page: build
	Tests/Tools/check_page.py $(ESPALIER) $(PAGES)

## format: the sources as .swift-format wants them
format:
	swift format --in-place -r -p Sources Tests Examples Package.swift

lint:
	swift format lint --strict -r -p Sources Tests Examples Package.swift

## check-keras: our Keras files opened by a current Keras, in an environment of its own (.venv)
check-keras: build
	Tests/Tools/check-keras.sh $(ESPALIER)

## check-onnx: networks of PyTorch, ONNX' own tests of operators and a BadNet, compared with ONNX Runtime and PyTorch (.venv)
check-onnx: build
	Tests/Tools/check-onnx.sh $(ESPALIER)

## check-fashion: a BadNet trained on Fashion-MNIST of Debian's package, pruned, reported and verified; ARGS="--epochs 10" trains it longer
check-fashion: PACKAGES += dataset-fashion-mnist
check-fashion: build
	Tests/Tools/check-fashion.sh $(ESPALIER) $(ARGS)

## kill-test: commands killed 100 times at random moments and rerun, their files beside those of undisturbed ones
kill-test: build
	Tests/Tools/kill-test.sh $(ESPALIER) $(KILLS)

## same-bytes: a seed's files with every instruction set, several numbers of threads, other libraries' settings and locales
same-bytes: build
	OPTIONS="$(OPTIONS)" Tests/Tools/same-bytes.sh $(ESPALIER) $(SEEDS)

## stress: the same commands again and again, several at a time: every file has the same bytes; FIGURES, RUNS, COMPARISONS, AT_A_TIME say how often
stress: build
	Tests/Tools/stress.sh $(ESPALIER) $(FIGURES) $(RUNS) $(COMPARISONS) $(AT_A_TIME)

## bench: how fast it is beside ONNX Runtime, PyTorch, Keras and matplotlib, which are installed into .venv
bench: build
	swift build -c release $(STATIC) --product benchmark
	Tests/Tools/benchmark.sh $(ESPALIER) .build/release/benchmark $(ARGS)

## fuzz: made inputs for every parser, in processes that may fail; TARGETS, INPUTS, SECONDS_EACH, SEED say what and how long
fuzz: packages
	swift build -c release --product espalier $(FUZZ_BUILD)
	swift build -c release --product fuzz $(FUZZ_BUILD)
	@export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1; failed=; for target in $(TARGETS); do \
	  $$(swift build -c release --show-bin-path $(FUZZ_BUILD))/fuzz $$target --inputs $(INPUTS) --seed $(SEED) \
	    $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH)) $(if $(SANITIZE),--no-memory-limit) || failed="$$failed $$target"; \
	done; if [ -n "$$failed" ]; then echo "fuzz: failed:$$failed; inputs are in fuzz-failures/"; exit 1; fi

## packages: the distribution's packages that are missing, installed with sudo where you are not root
packages:
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  echo "Installing" $$missing "with apt-get"; \
	  $$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $$missing; \
	fi
