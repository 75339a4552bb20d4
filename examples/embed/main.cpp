// A program that is a member of a cluster: prints who is there, and every change, until its standard input ends.
//
//   embed NODEDIR HOST:PORT --bootstrap            the first node of a new cluster
//   embed NODEDIR HOST:PORT --join HOST:PORT       any other
//
// NODEDIR comes from `quorumor node init` and `quorumor node install` (docs/OPERATIONS.md).
#include <quorumor/node.h>

#include <iostream>
#include <mutex>
#include <string>
#include <vector>

namespace {

bool parse(int argc, char** argv, quorumor::NodeOptions& options) {
  if (argc < 3) return false;
  options.directory = argv[1];
  options.bind = {argv[2]};
  for (int i = 3; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--bootstrap") {
      options.bootstrap = true;
    } else if (argument == "--join" && i + 1 < argc) {
      options.join.emplace_back(argv[++i]);
    } else {
      return false;
    }
  }
  return true;
}

void print(const std::vector<quorumor::MemberInfo>& members) {
  for (const quorumor::MemberInfo& member : members) {
    std::cout << "member " << member.name << ' ' << quorumor::to_string(member.state)
              << (member.self ? " (this program)" : "") << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  quorumor::NodeOptions options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: embed NODEDIR HOST:PORT [--bootstrap] [--join HOST:PORT]...\n";
    return 2;
  }
  // Callbacks come on the node's own thread, one at a time: short, and never waiting for anything.
  std::mutex output;
  quorumor::Callbacks callbacks;
  callbacks.on_notice = [&output](const quorumor::Notice& notice) {
    const std::lock_guard lock{output};
    std::cout << "notice " << notice.kind << ' ' << notice.member << ' ' << notice.reason << std::endl;
  };
  try {
    const auto node = quorumor::Node::start(options, callbacks);
    for (const std::string& endpoint : node->endpoints()) {
      const std::lock_guard lock{output};
      std::cout << "listening " << endpoint << std::endl;
    }
    // A line asks for the member list, the end of input for the end.
    for (std::string line; std::getline(std::cin, line);) {
      // Not under a lock that a callback takes: members() waits for the thread that callbacks run on.
      const auto members = node->members();
      const std::lock_guard lock{output};
      print(members);
    }
    const bool told = node->leave();
    node->close();
    std::cout << (told ? "left" : "left, but nobody acknowledged it") << std::endl;
  } catch (const quorumor::Error& e) {
    std::cerr << "embed: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
