#include "sim/report/page.h"

#include "sim/report/json.h"
#include "sim/report/page_template.h"
#include "sim/scenario/figures.h"

#include <boost/json.hpp>

namespace quorumor::sim {
namespace {

// Inside <script>, "</" would end it, whatever JSON says of it.
std::string inside_script(std::string json) {
  for (std::size_t at = 0; (at = json.find("</", at)) != std::string::npos; at += 3) json.insert(at + 1, "\\");
  return json;
}

void replace(std::string& text, std::string_view mark, const std::string& by) {
  const std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), by);
}

std::string meanings() {
  boost::json::object out;
  for (const Figure& f : figures()) {
    out[f.name] = boost::json::object{{"unit", f.unit}, {"meaning", f.meaning}};
  }
  return boost::json::serialize(out);
}

}  // namespace

std::string to_page(const ResultSet& results) {
  std::string out(kPageTemplate);
  replace(out, "@MEANINGS@", inside_script(meanings()));
  replace(out, "@DATA@", inside_script(to_json(results)));
  return out;
}

}  // namespace quorumor::sim
