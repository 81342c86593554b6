# The front door; the building itself is meson's.
#
# BUILD names the folder for everything that is built, so that two people can work in one checkout:
#     make test BUILD=/tmp/mine

BUILD = build
PREFIX = /usr/local
DESTDIR =
MAKEFLAGS += --no-print-directory

# release runs, is measured and is killed. faults is release with the fault points compiled in: what
# ships must not have them, and what has them must not be measured.
SETUP_release =
SETUP_faults = -Dfaults=true -Dtests=fault
SETUP_asan = -Dbuildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Dtests=unit,contract
SETUP_tsan = -Dbuildtype=debug -Doptimization=1 -Db_sanitize=thread -Dtests=unit,contract
SETUP_clang = --native-file=tools/clang.ini -Dbuildtype=debug -Dfaults=true \
	-Dtests=unit,contract,fault,e2e
SETUP_fuzz = --native-file=tools/clang.ini -Db_sanitize=address,undefined -Db_lundef=false \
	-Dc_args=-fsanitize=fuzzer-no-link -Dtests=fuzz

.PHONY: help run demo test build check sanitize fuzz model model-deep chaos interop bench install \
	uninstall clean deps

help:
	@echo 'make run         build, start bookmarks, process the sample list, keep serving'
	@echo 'make demo        the same, but ends when the list is processed'
	@echo 'make test        every test; ends with "N passed, N failed"'
	@echo 'make build       build/barq, build/bookmarks, build/examples/*.so'
	@echo 'make check       formatter, linters, layers, exports, headers, manual pages'
	@echo 'make sanitize    unit and contract tests under ASan+UBSan and under TSan'
	@echo 'make fuzz        random bytes for whatever parses them: SECONDS= for each target, 60 unless said'
	@echo 'make model       check the model of an attempt (model-deep: one more fault, longer)'
	@echo 'make chaos       kill workers and servers at random, soak one in bad jobs: SEED=, KILLS=, JOBS='
	@echo 'make interop     barq beside arq, with ARQ_PATH= a checkout of it; SEED= to repeat'
	@echo 'make bench       measure, as ratios: ARQ_PATH= a checkout of arq, to be measured beside barq'
	@echo 'make install     install into PREFIX (/usr/local), below DESTDIR; make uninstall'
	@echo 'make clean       remove what was built; the lists in data/ stay'
	@echo 'make deps        install the Debian packages that all of this needs'

# Both look at the same lists, and neither needs a home folder.
run demo: export BOOKMARKS_DATA ?= ./data

run: build
	@$(BUILD)/bookmarks demo --keep-serving

demo: build
	@$(BUILD)/bookmarks demo

build: $(BUILD)/deps $(BUILD)/release/build.ninja
	@ninja -C $(BUILD)/release products
	@tools/link-products $(BUILD)

test: build $(BUILD)/faults/build.ninja
	@tools/test $(BUILD)/release $(BUILD)/faults

# TSan of gcc 12 cannot map its shadow where the kernel spreads addresses wider than it knew.
sanitize: $(BUILD)/asan/build.ninja $(BUILD)/tsan/build.ninja
	@$$(setarch -R echo setarch -R 2>/dev/null) tools/test --name sanitize $(BUILD)/asan $(BUILD)/tsan

check: $(BUILD)/release/build.ninja $(BUILD)/clang/build.ninja
	@tools/deps check
	@tools/check $(BUILD)

fuzz: SECONDS = 60
fuzz: $(BUILD)/fuzz/build.ninja
	@ninja -C $(BUILD)/fuzz tests/fuzz/fuzz_answers tests/fuzz/fuzz_captions tests/fuzz/fuzz_csv \
		tests/fuzz/fuzz_frame tests/fuzz/fuzz_intake tests/fuzz/fuzz_json tests/fuzz/fuzz_msgpack \
		tests/fuzz/fuzz_multipart tests/fuzz/fuzz_pickle tests/fuzz/fuzz_redis
	@tests/fuzz/run $(BUILD)/fuzz $(SECONDS)

model:
	@tools/deps check
	@docs/model/check 2

model-deep:
	@tools/deps check
	@docs/model/check 3

chaos: build $(BUILD)/faults/build.ninja
	@ninja -C $(BUILD)/faults products
	@for broker in sqlite redis pg; do for database in sqlite postgresql; do \
		for shape in '' 'EXECUTORS=2 THREADS=5 NAP_MS=1'; do \
			BUILD=$(BUILD) SEED=$(SEED) KILLS=$(KILLS) tests/fault/chaos BROKER=$$broker \
				DATABASE=$$database $$shape || exit 1; \
		done; \
	done; done
	@BUILD=$(BUILD) SEED=$(SEED) JOBS=$(JOBS) tests/fault/soak

interop: build
	@ninja -C $(BUILD)/release tests/e2e/arq_functions.so tests/support/shifted_clock.so
	@ARQ_PATH=$(ARQ_PATH) $(if $(SEED),SEED=$(SEED)) tests/interop/run $(BUILD)

bench: build
	@BUILD=$(BUILD) bench/run

# Packagers who set the folders one by one call meson themselves: setup, compile, install. The library
# goes to lib, where pkg-config and ld.so look: meson knows Debian's folder only where dpkg-dev is.
install: build
	@meson configure -Dprefix=$(PREFIX) -Dlibdir=lib $(BUILD)/release
	@ninja -C $(BUILD)/release products
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)/release --no-rebuild --quiet
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || PATH=$$PATH:/sbin:/usr/sbin ldconfig

# What the last `make install` has installed.
uninstall:
	@ninja -C $(BUILD)/release uninstall

deps:
	@tools/deps build
	@tools/deps check

clean:
	rm -rf $(BUILD)

# When the list of packages has grown, what was built before needs the new ones, too.
$(BUILD)/deps: tools/deps
	@tools/deps build
	@mkdir -p $(BUILD)
	@touch $@

# Meson looks after a folder itself once it is there; this only makes it.
$(BUILD)/%/build.ninja: | $(BUILD)/deps
	@$(if $(filter clang fuzz,$*),tools/deps check)
	@rm -rf $(BUILD)/$*
	@meson setup $(SETUP_$*) $(BUILD)/$* >$(BUILD)/$*.log 2>&1 || { cat $(BUILD)/$*.log; exit 1; }
