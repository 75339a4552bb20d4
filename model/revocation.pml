/* Revocation: how long does a revoked member still come by new epoch keys?
 *
 * Three honest members, two of them keymasters that rotate without asking each other (so chains fork), and a member
 * that the operator revokes at any moment. It asks everybody for every key, by frames and by joining over TLS. What
 * spreads (announcements, keys, the revocation) reaches each member at any moment, in any order, or never: that is
 * what an attacker who partitions and delays can do.
 *
 * The rule: an announcement binds the revocations that its maker knows and the chain before it does not bind yet, and
 * a holder gives a key only once it has every revocation that the chain up to that epoch binds.
 *
 * Time is abstracted to one assumption: a revocation reaches each keymaster within one minimum interval of epochs. So
 * who makes the second epoch after a revocation knows of it. (A keymaster that is cut off for longer goes on giving
 * keys on its side: then the epochs count from the day that it hears.)
 *
 * Checked: late, the revoked member holds no key of an epoch newer than the newest at its revocation plus one; and
 * bound, it never holds a key whose chain binds its revocation.
 */
#define HONEST 3
#define KEYMASTERS 2
#define EPOCHS 3                               /* made after the first, which is epoch 1 */
#define NONE 255
#define entry(epoch, maker) (((epoch) - 2) * KEYMASTERS + (maker))
#define epoch_of(e) ((e) / KEYMASTERS + 2)
#define bit_of(e) (1 << (e))

byte made;                     /* entries announced: epoch 2 by 0, by 1, epoch 3 by 0, by 1, ... */
byte own_digest;               /* entries whose own announcement names the revocation */
byte chain_binds;              /* entries that do, or some predecessor does */
byte keys[HONEST];
bit knows[HONEST];             /* the revocation */
byte revoked_at;               /* newest epoch then; 0: not yet */
byte thief;                    /* the keys that the revoked member holds */
byte newest = 1;               /* epoch */

hidden byte top, e;

inline find_newest(set) {
  top = NONE;
  for (e : 0 .. EPOCHS * KEYMASTERS - 1) { if :: set & bit_of(e) -> top = e :: else fi }
}

inline rotate(m) {
  find_newest(keys[m]);
  e = (top == NONE -> m : entry(epoch_of(top) + 1, m));
  if
  :: e < EPOCHS * KEYMASTERS && (made & bit_of(e)) == 0 &&
     (revoked_at == 0 || epoch_of(e) < revoked_at + 2 || knows[m]) ->
     made = made | bit_of(e);
     keys[m] = keys[m] | bit_of(e);
     newest = (epoch_of(e) > newest -> epoch_of(e) : newest);
     if
     :: top != NONE && (chain_binds & bit_of(top)) -> chain_binds = chain_binds | bit_of(e)
#ifndef FAULT_BIND
     :: !(top != NONE && (chain_binds & bit_of(top))) && knows[m] ->
        own_digest = own_digest | bit_of(e);
        chain_binds = chain_binds | bit_of(e)
#endif
     :: else
     fi
  :: else
  fi;
  top = 0; e = 0
}

/* What `giver` gives to the revoked member, which it takes for a member like any other until it knows. */
#ifdef FAULT_CHAIN
#define gives(giver) (knows[giver] -> 0 : keys[giver])
#else
#ifdef FAULT_LAST_LINK
#define gives(giver) (knows[giver] -> 0 : keys[giver] & ~own_digest)
#else
#ifdef FAULT_DENY
#define gives(giver) (keys[giver] & ~chain_binds)
#else
#define gives(giver) (knows[giver] -> 0 : keys[giver] & ~chain_binds)
#endif
#endif
#endif

inline give_thief(giver) {
  thief = thief | gives(giver);
  find_newest(thief);
  assert(revoked_at == 0 || top == NONE || epoch_of(top) <= revoked_at + 1);                            /* late */
  assert((thief & chain_binds) == 0);                                                                   /* bound */
  top = 0; e = 0
}

/* Between honest members: key by key on request, or the ring over TLS; the giver's rule is the same. */
inline give(giver, taker) {
  keys[taker] = keys[taker] | (knows[giver] -> keys[giver] : keys[giver] & ~chain_binds)
}

#define MEMBER(m, other, third) \
  :: d_step { (keys[m] & ~keys[other]) != 0 -> give(m, other) } \
  :: d_step { (keys[m] & ~keys[third]) != 0 -> give(m, third) } \
  :: d_step { knows[m] && !knows[other] -> knows[other] = 1 } \
  :: d_step { knows[m] && !knows[third] -> knows[third] = 1 } \
  :: d_step { revoked_at > 0 && !knows[m] -> knows[m] = 1 } \
  :: d_step { (gives(m) & ~thief) != 0 -> give_thief(m) }

active proctype world() {
end:
  do
  MEMBER(0, 1, 2)
  MEMBER(1, 0, 2)
  MEMBER(2, 0, 1)
  :: d_step { newest <= EPOCHS + 1 -> rotate(0) }
  :: d_step { newest <= EPOCHS + 1 -> rotate(1) }
  :: d_step { revoked_at == 0 -> revoked_at = newest }
  od
}
