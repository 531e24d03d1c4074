# The two commands of the README, and what developers use besides. CMake and Ninja do the work.
.PHONY: run test bench build asan tsan setup clean

run: setup
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --target ndiskit driver-usbnet driver-usbnet-kmdf
	@build/ndiskit demo

test:
	@cmake/install-packages --test
	@tests/run-all

# Takes about five minutes; root for the TAP scenario. See docs/performance.md.
bench:
	@cmake/install-packages --bench
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release -- --quiet
	@bench/run

build: setup
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release

asan tsan: setup
	@cmake --preset $@ --log-level=WARNING >/dev/null
	@cmake --build --preset $@

setup:
	@cmake/install-packages

clean:
	rm -rf build build-asan build-tsan
