# Sourced by the scripts beside it: a place to stand, and one way to build a preset with progress.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jobs=$(nproc)

say() { printf '\n==> %s\n' "$*"; }

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; return 1; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}
