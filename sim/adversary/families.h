// The behaviours by family, for the table in behaviours.cpp. Private to this room.
#pragma once

#include "sim/adversary/scheme.h"
#include "sim/process.h"

namespace quorumor::sim {

using Maker = std::unique_ptr<Adversary>(const AdversaryPart& part, AdversaryContext context);

Maker make_false_accuser, make_victim_accuser, make_observer_accuser;                  // accusers.cpp
Maker make_silent, make_selective, make_delayer, make_sybils;                          // quiet.cpp
Maker make_sync_omitter, make_sync_stale, make_sync_flooder;                           // sync_liars.cpp
Maker make_equivocator, make_incarnation_inflator, make_generation_inflator;           // claims.cpp
Maker make_frame_flooder, make_rumor_flooder, make_accusation_flooder;                 // flooders.cpp
Maker make_hint_flooder, make_relay_flooder, make_event_flooder;
Maker make_eclipser;                                                                   // eclipse.cpp
Maker make_zombie;                                                                     // zombie.cpp
Maker make_hoarder, make_insider_replayer;                                             // hoarders.cpp
Maker make_keymaster_withholder, make_keymaster_thrasher;                              // keymasters.cpp
Maker make_path_dropper, make_path_delayer;                                            // path.cpp
Maker make_replayer, make_spoofer;                                                     // replayers.cpp
Maker make_epoch_thief;                                                                // thief.cpp
Maker make_handshake_flooder, make_stream_flooder;                                     // streams.cpp
Maker make_garbage;                                                                    // garbage.cpp

}  // namespace quorumor::sim
