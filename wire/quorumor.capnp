# What a frame carries once it is opened, and what a stream carries once TLS is up. Exactly one segment, never
# packed, no segment table. Every reader checks sizes before it walks and ranges before it believes
# (wire/message.h, wire/stream.h). Signed things travel as opaque bytes: content || 64 bytes of signature.
@0xd5b1c2e0a6f39847;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("quorumor::schema");

struct Rumor {
  kind @0 :UInt8;      # RumorKind
  record @1 :Data;     # content || signature; a body is content alone
  payload @2 :Data;    # events only
}

struct Message {
  newestEpoch @0 :UInt64;        # the newest epoch whose key the sender holds
  newestCommitment @1 :UInt64;   # and the first 8 bytes of its commitment
  digest @2 :UInt64;             # of what the sender knows, keyed by the pair
  sequence @3 :UInt64;           # ties an answer to its question
  beliefGeneration @4 :UInt64;   # what the sender believes of the receiver
  beliefIncarnation @5 :UInt64;
  beliefState @6 :UInt8;         # MemberState
  union {
    ping @7 :Void;
    ack @8 :Void;
    nack @9 :Void;
    relay @10 :Relay;            # pass this sealed datagram on to `peer`
    relayed @11 :Relay;          # this sealed datagram came from `peer`
    hint @12 :Hint;              # look at this member yourself
    want @13 :List(Want);        # send me these
    epochKeyRequest @14 :EpochKeyRequest;
    epochKey @15 :EpochKey;
  }
  rumors @16 :List(Rumor);
  nextEvent @17 :UInt32;         # the low half of the sender's own next event; in what was padding
}

struct Relay {
  peer @0 :Data;     # 16 bytes
  sealed @1 :Data;
}

struct Hint {
  subject @0 :Data;  # 16 bytes
  generation @1 :UInt64;
  incarnation @2 :UInt64;
}

struct Want {
  kind @0 :UInt8;        # RumorKind
  idLow @1 :UInt64;      # the 16 bytes of an id, as two little-endian halves
  idHigh @2 :UInt64;
  coordinate @3 :UInt64; # epoch of an announcement, sequence of an event; else 0
}

# A struct of its own, not a number in the union: that would cost every message a word.
struct EpochKeyRequest {
  epoch @0 :UInt64;  # I lack the key of this epoch
}

struct EpochKey {
  epoch @0 :UInt64;
  key @1 :Data;      # 32 bytes
}

# Inside a long frame.
struct Introduction {
  reply @0 :Bool;        # an answer: is not answered with another introduction
  credential @1 :Data;   # content || signature
  core @2 :Data;         # content || signature
}

# On streams, each behind a u32 length.
struct StreamMessage {
  union {
    hello @0 :Hello;          # client first; the server's own follows once the client's is verified
    ring @1 :Ring;
    rumors @2 :List(Rumor);
    done @3 :Void;            # nothing more will follow from this side
  }
}

struct Hello {
  cluster @0 :Data;      # 32 bytes
  versionMin @1 :UInt8;
  versionMax @2 :UInt8;
  credential @3 :Data;   # content || signature
  proof @4 :Data;        # signature over this side's role and the TLS exporter
  probe @5 :Bool;        # only to see whether the peer is there: hellos, and what the server believes of the client
  endorsements @6 :List(Data);  # content || signature, at most 4: a credential of a standby authority needs them
}

struct Ring {
  floor @0 :UInt64;
  entries @1 :List(RingEntry);
  chain @2 :List(Data);  # contents of announcements that came before them, as far as they are remembered
}

struct RingEntry {
  announcement @0 :Data;  # content || signature
  signer @1 :Data;        # the keymaster's credential: content || signature
  seed @2 :Data;          # 32 bytes
  key @3 :Data;           # 32 bytes, or empty if the sender has none
}
