// suggest, mistakes, times and passphrase_file: small helpers of the command line.
#include "node/cli/mistakes.h"
#include "node/driver/passphrase_source.h"
#include "node/driver/suggest.h"
#include "node/cli/times.h"

#include "helpers.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("edit distance: insertion, deletion, replacement, neighbours swapped") {
  struct {
    const char* a;
    const char* b;
    std::size_t distance;
  } const cases[] = {
      {"", "", 0},
      {"", "abc", 3},
      {"abc", "", 3},
      {"abc", "abc", 0},
      {"abc", "abd", 1},
      {"abc", "ab", 1},
      {"abc", "abxc", 1},
      {"abc", "acb", 1},
      {"mebers", "members", 1},
      {"kitten", "sitting", 3},
      {"ca", "abc", 3},
  };
  for (const auto& c : cases) {
    CAPTURE(c.a);
    CHECK(edit_distance(c.a, c.b) == c.distance);
    CHECK(edit_distance(c.b, c.a) == c.distance);
  }
}

TEST_CASE("suggestions are near, the nearest, or none") {
  const std::vector<std::string> words = {"members", "admit", "agent", "init", "show"};
  struct {
    const char* typed;
    const char* meant;
  } const cases[] = {
      {"mebers", "members"}, {"MEMBERS", ""}, {"amdit", "admit"}, {"agnt", "agent"}, {"in", ""},
      {"inot", "init"},      {"xyz", ""},     {"", ""},           {"int", "init"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.typed);
    CHECK(suggest(c.typed, words).value_or("") == c.meant);
  }
  CHECK(!suggest(std::string(100, 'a'), {std::string(100, 'a')}).has_value());
}

namespace {

struct CommandLine {
  CLI::App app{"test"};
  std::string label;
  CommandLine() {
    app.name("quorumor");
    auto* group = app.add_subcommand("authority", "");
    auto* init = group->add_subcommand("init", "");
    init->add_option("-l,--label", label, "")->required();
    app.add_subcommand("members", "")->add_flag("--json");
    app.add_subcommand("dev", "")->allow_extras();
  }
  std::string mistake(const std::vector<const char*>& words) {
    std::vector<const char*> argv = {"quorumor"};
    argv.insert(argv.end(), words.begin(), words.end());
    const auto found = find_mistake(app, static_cast<int>(argv.size()), argv.data());
    if (found) CHECK(found->usage);
    return found ? found->message : "";
  }
};

}  // namespace

TEST_CASE("mistyped words are named, known ones pass") {
  CommandLine c;
  struct {
    std::vector<const char*> words;
    const char* says;
  } const cases[] = {
      {{}, ""},
      {{"--help"}, ""},
      {{"-h"}, ""},
      {{"members", "--json"}, ""},
      {{"authority", "init", "--label=x"}, ""},
      {{"authority", "init", "-l", "x"}, ""},
      {{"authority", "init", "--label", "--", "--lable"}, ""},
      {{"authority", "--help"}, ""},
      {{"dev", "--anything"}, ""},
      {{"mebers"}, "unknown subcommand 'mebers'; did you mean 'members'?"},
      {{""}, "unknown subcommand ''; `quorumor --help` lists them"},
      {{"zzz"}, "unknown subcommand 'zzz'; `quorumor --help` lists them"},
      {{"authority", "inti"}, "unknown subcommand 'inti' of `quorumor authority`; did you mean 'init'?"},
      {{"authority", "--jsno", "init"},
       "unknown option '--jsno' of `quorumor authority`; `quorumor authority --help` lists them"},
      {{"--hlep"}, "unknown option '--hlep' of `quorumor`; did you mean '--help'?"},
      {{"authority", "init", "--lable=x"},
       "unknown option '--lable' of `quorumor authority init`; did you mean '--label'?"},
      {{"members", "--jsn"}, "unknown option '--jsn' of `quorumor members`; did you mean '--json'?"},
  };
  for (const auto& k : cases) CHECK(c.mistake(k.words) == k.says);
}

TEST_CASE("what CLI11 finds wrong, in plain words") {
  struct {
    const char* line;
    const char* says;
  } const cases[] = {
      {"authority init", "--label is required; `quorumor authority init --help` tells more"},
      {"authority init --label", "--label needs a value; `quorumor authority init --help` tells more"},
      {"authority init --label a --label b",
       "--label is given more than once; `quorumor authority init --help` tells more"},
      {"authority init --label a b", "unexpected argument 'b'; `quorumor authority init --help` tells more"},
  };
  for (const auto& k : cases) {
    CAPTURE(k.line);
    CommandLine c;
    std::string message;
    try {
      c.app.parse(k.line);
    } catch (const CLI::ParseError& error) {
      message = usage_failure(c.app, error).message;
    }
    CHECK(message == k.says);
  }
}

TEST_CASE("times") {
  struct {
    const char* text;
    std::int64_t seconds;
  } const good[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-12-31T23:59:59Z", 1'798'761'599},
      {"2024-02-29T12:00:00Z", 1'709'208'000},
      {"9999-12-31T23:59:59Z", 253'402'300'799},
      {"2000-03-01T00:00:01Z", 951'868'801},
  };
  for (const auto& c : good) {
    CAPTURE(c.text);
    CHECK(parse_time(c.text) == wall_from_seconds(c.seconds));
    CHECK(parse_time(std::to_string(c.seconds)) == wall_from_seconds(c.seconds));
    CHECK(format_time(wall_from_seconds(c.seconds)) == c.text);
    CHECK(!parse_rfc3339(std::to_string(c.seconds)).has_value());
  }
  for (const char* bad : {"",
                          "2026-12-31",
                          "2026-12-31T23:59:59",
                          "2026-12-31 23:59:59Z",
                          "2026-12-31T23:59:60Z",
                          "2026-12-31T24:00:00Z",
                          "2026-13-01T00:00:00Z",
                          "2025-02-29T00:00:00Z",
                          "1969-12-31T23:59:59Z",
                          "2026-12-31T23:59:59z",
                          "2026-12-31T23:59:59+",
                          "-1",
                          "+1",
                          " 1",
                          "1 ",
                          "0x1",
                          "1.5",
                          "253402300800",
                          "99999999999999999999",
                          "2026-00-10T00:00:00Z",
                          "2026-01-00T00:00:00Z"}) {
    CAPTURE(bad);
    CHECK(!parse_time(bad).has_value());
  }
}

TEST_CASE("passphrase files") {
  TemporaryFolder folder;
  const fs::path file = folder / "p";
  struct {
    std::string content;
    std::string phrase;
  } const cases[] = {
      {"a b", "a b"},
      {"a b\n", "a b"},
      {"a b\r\n", "a b"},
      {" a\t", " a\t"},
      {"", ""},
      {"\n", ""},
      {"a\nb\n", ""},
      {std::string(1024, 'x'), std::string(1024, 'x')},
      {std::string(1024, 'x') + "\n", std::string(1024, 'x')},
      {std::string(1025, 'x'), ""},
      {std::string(5000, 'x'), ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.content);
    REQUIRE(write_file_atomically(file, as_bytes(c.content), Privacy::secret).has_value());
    const auto phrase = read_passphrase({file.string(), {}});
    CHECK(phrase.has_value() == !c.phrase.empty());
    if (phrase) CHECK(as_text(phrase.value()->view()) == c.phrase);
    if (!phrase) check_message(message_of(phrase), {file.string()});
  }
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  check_message(message_of(read_passphrase({file.string(), {}})), {"chmod 600"});
  check_message(message_of(read_passphrase({(folder / "absent").string(), {}})), {"does not exist"});
  CHECK(!read_passphrase({}).value().has_value());
}

TEST_CASE("a passphrase that systemd hands over") {
  TemporaryFolder folder;
  spill(folder / "name", "a b\n");  // its mode and owner are systemd's affair
  ::unsetenv("CREDENTIALS_DIRECTORY");
  check_message(message_of(read_passphrase({{}, "name"})), {"no systemd credentials", "LoadCredential=name"});
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(as_text(read_passphrase({{}, "name"}).value()->view()) == "a b");
  check_message(message_of(read_passphrase({{}, "other"})), {"other does not exist"});
  for (const char* name : {"../name", "a/b", "..", "."}) {
    check_message(message_of(read_passphrase({{}, name})), {"no name of a credential"});
  }
  check_message(message_of(read_passphrase({"f", "name"})), {"not from both"});
  ::unsetenv("CREDENTIALS_DIRECTORY");
}
