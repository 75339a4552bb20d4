#include "membership/event_window.h"

#include "crypto/drbg.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace quorumor;
using Verdict = EventWindow::Verdict;

namespace {

constexpr std::uint64_t kSpan = EventWindow::kSpan;
constexpr std::uint64_t kEnd = ~std::uint64_t{0};

// The rules, naively: everything that was ever accepted is remembered.
struct Model {
  std::uint64_t from = 0;
  std::set<std::uint64_t> accepted;

  Verdict judge(std::uint64_t s) const {
    if (s < from) return Verdict::too_old;
    const bool behind = !accepted.empty() && s < *accepted.rbegin() && *accepted.rbegin() - s >= kSpan;
    if (behind) return Verdict::too_old;
    return accepted.count(s) != 0 ? Verdict::known : Verdict::news;
  }
};

}  // namespace

TEST_CASE("the next one follows the newest that was taken, or is where the window begins") {
  EventWindow window(Sequence{10});
  CHECK(window.next() == Sequence{10});
  window.accept(Sequence{12});
  window.accept(Sequence{11});
  CHECK(window.next() == Sequence{13});
  CHECK(EventWindow::restore(window.save()).next() == Sequence{13});
  window.accept(Sequence{kEnd});
  CHECK(window.next() == Sequence{kEnd});
}

TEST_CASE("one window's story, step by step") {
  struct Step {
    std::uint64_t sequence;
    Verdict verdict;  // news is accepted
  };
  static constexpr Step kSteps[] = {
      {9, Verdict::too_old},                 // below where it begins
      {0, Verdict::too_old},                 //
      {10, Verdict::news},                   // the first
      {10, Verdict::known},                  //
      {12, Verdict::news},                   // a gap
      {11, Verdict::news},                   // filled late
      {11, Verdict::known},                  //
      {9, Verdict::too_old},                 // still
      {12 + kSpan, Verdict::news},           // slides by a whole span: everything taken is behind it
      {12, Verdict::too_old},                //
      {13, Verdict::news},                   // the oldest inside
      {13, Verdict::known},                  //
      {14, Verdict::news},                   //
      {13 + kSpan, Verdict::news},           // slides by one: 13 falls out, its bit is the newest's
      {13, Verdict::too_old},                //
      {14, Verdict::known},                  // its neighbour stays
      {13 + kSpan, Verdict::known},          //
      {14 + 3 * kSpan, Verdict::news},       // a jump over more than the span: no bit of before counts
      {15 + 2 * kSpan, Verdict::news},       //
      {14 + 2 * kSpan, Verdict::too_old},    //
      {kEnd, Verdict::news},                 // an origin that jumps to the end loses its own past only
      {kEnd, Verdict::known},                //
      {kEnd - 1, Verdict::news},             //
      {kEnd - kSpan, Verdict::too_old},      //
      {kEnd - kSpan + 1, Verdict::news},     //
  };
  EventWindow window(Sequence{10});
  CHECK(window.is_untouched());
  for (std::size_t i = 0; i < std::size(kSteps); ++i) {
    CAPTURE(i);
    const Sequence s{kSteps[i].sequence};
    REQUIRE(window.judge(s) == kSteps[i].verdict);
    if (kSteps[i].verdict == Verdict::news) window.accept(s);
  }
}

TEST_CASE("a window from the beginning of the range has sequence 0 once") {
  EventWindow window;
  CHECK(window.judge(Sequence{0}) == Verdict::news);
  window.accept(Sequence{0});
  CHECK(window.judge(Sequence{0}) == Verdict::known);
  CHECK(window.judge(Sequence{1}) == Verdict::news);
}

TEST_CASE("it agrees with a model that remembers everything, also after being saved and restored") {
  for (unsigned char seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Drbg rng(ByteArray<32>{std::byte{seed}}, "event window");
    Model model;
    model.from = rng.below(3) == 0 ? kEnd - 5000 : rng.below(5000);
    EventWindow window(Sequence{model.from});
    std::uint64_t around = model.from;
    for (int i = 0; i < 4000; ++i) {
      // Mostly near the newest, sometimes far ahead or behind, sometimes at a border.
      const std::uint64_t reach = rng.below(20) == 0 ? 3 * kSpan : rng.below(8) == 0 ? kSpan + 2 : 40;
      const std::uint64_t step = rng.below(reach);
      const bool forward = rng.below(2) == 0;
      const std::uint64_t ahead = around > kEnd - step ? kEnd : around + step;
      const std::uint64_t s = forward ? ahead : around - std::min(around, step);
      const Verdict expected = model.judge(s);
      REQUIRE(window.judge(Sequence{s}) == expected);
      if (expected == Verdict::news) {
        window.accept(Sequence{s});
        model.accepted.insert(s);
        if (rng.below(4) == 0) around = std::max(around, s);
      }
      if (rng.below(50) == 0 && !window.is_untouched()) window = EventWindow::restore(window.save());
    }
    REQUIRE(!window.is_untouched());
    CHECK(EventWindow::restore(window.save()).save() == window.save());
  }
}
