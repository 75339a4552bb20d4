// What experiments leave out of SWIM + Lifeguard, to see what each part is worth (Dadgar, Phillips, Currey 2018, table
// I). The daemon leaves out nothing, and there is no setting for it: only who owns the process gets at it (impl.h).
#pragma once

namespace quorumor {

struct Ablation {
  bool shrinking_windows = false;  // LHA-Suspicion: without it a window has its least length from the beginning
  bool buddy_system = false;       // without it a suspect hears of the suspicion by gossip alone
  // LHA-Probe is left out by LocalHealth::fix.
};

}  // namespace quorumor
