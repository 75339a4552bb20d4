// TOML text as a flat list of what it sets, each with its place. The library behind it is included in this one
// source file only: it is large, slow to compile and, so confined, easy to replace.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

struct TomlValue {
  enum class Kind { text, number, flag, texts, table, other };  // texts: an array of nothing but strings
  Kind kind = Kind::other;
  // text: itself. number: as it was written, without underscores, so that no decimal passes through binary floating
  // point. other: what it is, for a message ("an array", "a date").
  std::string text;
  bool flag = false;
  std::vector<std::string> texts;
};

struct TomlEntry {
  std::string table;  // of one level: "" or its name; what is deeper is of kind table and not descended into
  unsigned element = 0;  // of an array of tables ([[table]]): which one, from 1; 0: a plain table
  std::string key;
  TomlValue value;
  unsigned line = 0, key_column = 0, value_column = 0;  // from 1; columns count characters
};

struct TomlProblem {
  unsigned line = 0, column = 0;
  std::string message;  // what is wrong with the syntax, and often what would be right
};

// Ensures: entries in the order of the text. Only the first problem is known: what follows one cannot be read reliably.
// Empty tables are entries too (of kind table, in no table; with an element if they stand in an array), so that a
// misspelt one is noticed.
Result<std::vector<TomlEntry>, TomlProblem> parse_toml(std::string_view text);
// A string as TOML writes it, quotes included.
std::string toml_quote(std::string_view text);

}  // namespace quorumor
