// A cluster's story as a text that people review: what is done to it, and after a line `---` what happened, event by
// event. A change of behaviour shows as a diff of tests/scenarios/*.txt.
//
// A line is a command; `#` begins a comment. Nodes are n1 ... nN; `all` are all that run (or, for `start`, all that do
// not). Durations: 250ms, 5s, 2m, 1h. Rates: 20%.
//   seed 7                    before all else; 1 if not given
//   defense off               of the clusters that are bootstrapped from here on
//   nodes 5                   n1 is a keymaster; the others join by n1
//   keymaster n4              before it first starts
//   seeds n2 n3 n4            n2 joins by n3 and n4 (none given: by nobody), from its next start
//   bootstrap n1              starts it as the first of a new cluster
//   start n2 n3 | start all   `all` bootstraps n1 first, and starts the others 100 ms later
//   restart n3                what `start` is, for who ran before: with its disk
//   crash n3 n4               without a word, at once
//   wipe n3                   its disk, but for identity and credential
//   leave n4                  gracefully; its process ends when its leave is done
//   join n2 n1                an operator tells n2 to join by n1
//   pause n2 12s              its process stops now, and goes on 12 s later; the script goes on at once
//   revoke n3                 the authority revokes it; the record is given to the first other node that runs
//   force-leave n3            the same: it has crashed, and is declared gone
//   renew n3                  the authority issues its credential anew; if it runs, it goes on under that
//   cut n1 n2 | n3 n4         nothing gets from either side to the other; `cut n1 -> n2`: only not from n1 to n2
//   heal                      undoes every cut and every loss
//   loss 20%                  of datagrams, everywhere; `loss all -> n3 100%`, `loss n1 -> n3 50%`: on those links
//   latency 5ms 20ms          least and most
//   accuse n2 n3 [n5 ...]     n2 lies: it signs that n3 does not answer, and tells n5 (or everybody)
//   run 10s
//   until all-alive 5s        runs until it holds; an error if it does not within 5 s
//   until n3 dead at all 20s  states: unknown alive suspect unreachable dead left evicted
//   expect-state n3 dead at all | expect-state n3 alive at n1 n2
//   expect-count dead 0       events of that kind so far
//   trace off | trace on      what is of no interest is not written
//
// A line of the trace: seconds since the start, who, what it saw, and why; commands stand in it behind `>`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quorumor::sim {

struct ScriptResult {
  std::string trace;       // up to the error, if there is one
  std::size_t line = 0;    // of the error, from 1; 0: none
  std::string error;
};

inline constexpr std::string_view kScriptMark = "---";

// Runs what stands before the mark. Deterministic: the same text gives the same trace.
ScriptResult run_script(std::string_view text);

}  // namespace quorumor::sim
