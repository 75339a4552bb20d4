// Streams: joins and syncs (PROTOCOL section 7). Client first: hello, hello; then the server's ring, its records, done;
// then the client's. So the client knows its own past (floors that others hold of it) before it says who it is now.
//
// Bounds: `streams_max` sessions; 4 KiB and `stream_deadline` until authenticated; then 64 KiB a message,
// kRecordsMax records and `sync_deadline` a session. One chunk is in flight a session: the next is built when the
// driver has drained it.
#pragma once

#include "node/core/intake.h"

#include <map>

namespace quorumor {

class Sessions {
 public:
  static constexpr std::size_t kRecordsMax = 8 * kLinksMax;  // taken from one peer in one session

  enum class Purpose : std::uint8_t {
    join,
    sync,
    probe  // is it there? Hellos, and the server's belief of the client
  };
  // How a session has ended: each that this node began, and each inbound one that succeeded.
  struct Ended {
    Endpoint endpoint;
    Purpose purpose = Purpose::join;
    bool succeeded = false;
    std::optional<Refusal> refusal;
    NodeId peer{};  // once it has authenticated
  };

  Sessions(CoreState& state, Intake& intake);
  ~Sessions();

  // False at the limit, or if one to `to` is under way. `deadline`: to authenticate; the configured one if none.
  bool dial(const Endpoint& to, Purpose purpose, std::optional<Duration> deadline = std::nullopt);
  void on_stream(StreamId id, const StreamEvent& event);
  // Ends every stream with this peer; if it is this node itself, all.
  void drop(const NodeId& peer);
  std::size_t count_with(const NodeId& peer) const noexcept;  // authenticated ones
  void on_timer();
  std::optional<Instant> next_deadline() const;
  std::size_t running() const noexcept { return sessions_.size(); }  // at most streams_max
  // Takes what has ended since the last call.
  std::vector<Ended> take_ended() { return std::exchange(ended_, {}); }

 private:
  struct Session;
  void on_data(Session& session, Bytes data);
  bool on_frame(Session& session, Bytes frame);
  bool on_hello(Session& session, const Hello& hello);
  bool on_rumors(Session& session, const std::vector<Rumor>& rumors);
  bool on_done(Session& session);
  void answer_probe(Session& session);
  void send_own_part(Session& session);
  void send_next_chunk(Session& session);
  bool add_verdicts(Session& session, StreamMessage& chunk, std::size_t& size);
  bool take_shown_revocation(Session& session);
  void add_accusations(Session& session, StreamMessage& chunk, std::size_t& size);
  void add_events(Session& session, StreamMessage& chunk, std::size_t size);
  void send(Session& session);
  void refuse(Session& session, Refusal reason);
  void finish(Session& session, bool succeeded, std::optional<Refusal> refusal);
  void finish_if_over(Session& session);
  void note_peer_address(Session& session);

  CoreState& s_;
  Intake& intake_;
  std::map<StreamId, std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> finished_;  // their buffers live until the next call: outputs point there
  std::vector<Ended> ended_;
  StreamId next_outbound_ = 1;
  StreamMessage message_;
};

}  // namespace quorumor
