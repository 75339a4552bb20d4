// The page's text (page.html.in), built in. Marks in it are replaced by page.cpp.
#pragma once

#include <string_view>

namespace quorumor::sim {

extern const std::string_view kPageTemplate;

}  // namespace quorumor::sim
