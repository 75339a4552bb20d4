#include "bench/fixture.h"

namespace quorumor::bench {
namespace {

constexpr std::int64_t kStart = 1'700'000'000;
constexpr Generation kNodeGeneration{1 << 20};

FixtureSetup with_suite(std::size_t others, Suite suite) {
  FixtureSetup setup;
  setup.others = others;
  setup.parameters.suite = suite;
  return setup;
}

}  // namespace

std::unique_ptr<Person> Fixture::make_person(const std::string& name, const FixtureSetup& setup) {
  auto p = std::make_unique<Person>();
  p->identity = SigningKey::generate(rng_);
  rng_.fill(p->session_secret);
  const SessionKey session = SessionKey::from_bytes(p->session_secret);
  p->endpoint = setup.endpoint ? setup.endpoint(people_.size())
                               : Endpoint::v4(10, 0, static_cast<std::uint8_t>(people_.size()), 1, 7947);
  Credential c;
  rng_.fill(c.id);
  c.identity = p->identity.public_key();
  c.serial = Serial{1};
  c.not_before = wall_from_seconds(kStart - 1000);
  c.not_after = wall_from_seconds(kStart + 1'000'000);
  c.name = name;
  c.roles = {std::string(kKeymasterRole)};
  p->credential = issue_credential(authority_, cluster_, c);
  p->credential_record = join_record(p->credential.content, p->credential.signature);

  Body body;
  body.id = c.id;
  body.endpoints = {p->endpoint};
  p->body_record = encode_body(body);
  Core core;
  core.id = c.id;
  core.at = {Serial{1}, Generation{1}, Incarnation{1}};
  core.session_key = session.public_key();
  core.body_digest = body_digest(p->body_record);
  const auto content = encode_core(core);
  p->core_record = join_record(content, p->identity.sign(SignDomain::core, cluster_, content));
  return p;
}

Fixture::Fixture(std::size_t others, Suite suite) : Fixture(with_suite(others, suite)) {}

Fixture::Fixture(const FixtureSetup& setup)
    : rng_(ByteArray<32>{}, "bench"),
      authority_(SigningKey::generate(rng_)),
      cluster_(make_cluster_id(authority_.public_key(), "bench")),
      ring_(cluster_) {
  for (std::size_t i = 0; i < setup.others + 2; ++i) {
    people_.push_back(make_person("p" + std::to_string(i), setup));
  }
  Person& self = *people_[0];
  EpochKey key = EpochKey::generate(rng_);
  Announcement a;
  a.signer = self.credential.credential.id;
  a.signer_serial = Serial{1};
  a.epoch = Epoch{1};
  a.commitment = key.commitment(cluster_);
  a.parameters = setup.parameters;
  a.signed_at = wall_from_seconds(kStart);
  ring_.bootstrap(sign_announcement(self.identity, cluster_, a), std::move(key));

  CoreOptions options;
  options.cluster = cluster_;
  options.authority = authority_.public_key();
  options.identity = SigningKey::from_seed(self.identity.seed().bytes());
  options.credential = self.credential;
  options.generation = kNodeGeneration;
  auto copy = Keyring::deserialize(cluster_, ring_.serialize());
  options.ring = std::move(copy.value());
  options.advertise = {self.endpoint};
  for (std::size_t i = 1; i < people_.size(); ++i) {
    options.snapshot.members.push_back(
        {people_[i]->credential_record, people_[i]->core_record, people_[i]->body_record});
  }
  const auto config = ValidatedConfig::validate(setup.config);
  node_ = std::make_unique<NodeCore>(std::move(options), config.value(), now_, wall_from_seconds(kStart));
  links_.resize(people_.size());
}

Message Fixture::blank(MessageKind kind) const {
  Message m;
  m.kind = kind;
  m.newest_epoch = Epoch{1};
  m.newest_commitment = commitment_prefix(epoch().commitment());
  m.belief = {kNodeGeneration, Incarnation{1}, MemberState::alive};
  return m;
}

Links& Fixture::links_of(std::size_t person) {
  if (!links_[person]) {
    const Person& p = *people_[person];
    links_[person] = std::make_unique<Links>(cluster_, p.credential.credential.id,
                                             SessionKey::from_bytes(p.session_secret));
    const auto mine = node_->snapshot().members.front().core;
    const Core own = decode_core(Bytes(mine).first(limits::kCoreContent)).value();
    links_[person]->put(own.id, own.session_key);
  }
  return *links_[person];
}

ByteVector Fixture::frame(const Message& message, std::size_t from) {
  Links& links = links_of(from);
  alignas(8) std::array<std::byte, limits::kDatagram> plain{};
  const Bytes encoded = encode_message(message, plain);
  ByteVector out(limits::kDatagram);
  const auto sealed = links.seal(links.find(node_->id()), epoch(), encoded, out);
  out.resize(sealed.size());
  return out;
}

std::optional<Bytes> Fixture::open(Bytes datagram, std::size_t to, MutableBytes plain) {
  if (!datagram.empty() && datagram.front() == kLongType) {
    const auto introduction = split_long(datagram, epoch().secrets);
    if (!introduction) return std::nullopt;
    datagram = datagram.subspan(introduction.value().size());
  }
  const auto opened = links_of(to).open(ring_, datagram, plain);
  if (!opened) return std::nullopt;
  return opened.value().plain;
}

}  // namespace quorumor::bench
