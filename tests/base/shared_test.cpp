#include "base/shared.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace quorumor;

namespace {

int stray = 0;

struct Counted {
  Counted() : Counted(0, stray) {}
  explicit Counted(int given, int& living) : value(given), alive(&living) { ++*alive; }
  Counted(const Counted& other) : value(other.value), alive(other.alive) { ++*alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --*alive; }
  int value;
  int* alive;
};

}  // namespace

TEST_CASE("shared: nothing is an empty value, without memory of its own, until it is written") {
  Shared<std::string> text;
  CHECK_FALSE(text.has_value());
  CHECK(text->empty());
  CHECK_FALSE(text.has_value());
  text.own() = "something";
  CHECK(text.has_value());
  CHECK(*text == "something");
  text.reset();
  CHECK_FALSE(text.has_value());
}

TEST_CASE("shared: owners see one value, and who writes gets its own") {
  int living = 0;
  {
    Shared<Counted> first = Counted(1, living);
    Shared<Counted> second = first;
    CHECK(&*first == &*second);
    CHECK(living == 1);
    second.own().value = 2;
    CHECK(living == 2);
    CHECK(first->value == 1);
    CHECK(second->value == 2);
    const Counted* const alone = &*second;
    CHECK(&second.own() == alone);  // nobody else's: not copied
    first = second;
    CHECK(living == 1);
    const Shared<Counted>& self = first;
    first = self;
    CHECK(first->value == 2);
    std::vector<Shared<Counted>> many(100, first);
    CHECK(living == 1);
    second.reset();
    first = Shared<Counted>();
    CHECK(many.back()->value == 2);
    CHECK(living == 1);
  }
  CHECK(living == 0);
}
