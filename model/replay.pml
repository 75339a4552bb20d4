/* Replay: is any frame ever accepted twice?
 *
 * A receiver, and two peers that send to it; the attacker has captured every frame that was ever sealed and plays any
 * of them at any moment, in any order, any number of times: across restarts of the receiver and of the senders, after
 * keys and windows were stripped for want of room, after a peer was removed and put again. (How an epoch comes to be
 * wiped is rotation.pml's matter: here the ring drops one at any moment, and never takes it back, for the retired
 * floor is persisted.)
 *
 * Counters are one source a process, as in crypto/counter.h: a link made anew starts above the highest value that its
 * process used with anybody. The receiver's side is wire/links.h: a window a peer and epoch, marks that outlive it, a
 * table of marks with room for GRAVES, a new session key when that overflows.
 *
 * Checked: twice (the assertion), and nonce: no counter is used twice under one pair key.
 */
#define PEERS 2
#define EPOCHS 2
#ifndef HELD
#define HELD 3       /* the set of epochs in the ring at first: both, or one */
#endif
#define WINDOW 2     /* counters behind the highest that are still taken; 2048 in the real one */
#ifndef LAST
#define LAST 3       /* counters run from 1 to this */
#endif
#ifndef SESSIONS
#define SESSIONS 2   /* of each peer: one restart, or none */
#endif
#define GRAVES 1
#define BOOTS 2      /* sessions that the receiver has in all, by restarts or because marks overflowed */

#define at(p, e) ((p) * EPOCHS + (e))
#define frame(s, r, c) (1 << (((s) * BOOTS + (r)) * (LAST + 1) + (c)))   /* of the sender's and the receiver's session */

/* the senders */
bit session[PEERS];            /* of each peer */
byte highest[PEERS];           /* counter used last by the process */

/* the receiver */
byte own;                      /* its session key */
byte boots;
bit present[PEERS];            /* is there a link */
bit known[PEERS];              /* the peer's session that the link or its grave speaks of */
byte top[PEERS * EPOCHS];      /* highest accepted, or the mark that it left */
byte floor_[PEERS * EPOCHS];
byte bits[PEERS * EPOCHS];     /* counters accepted, as the window shows them */
bit grave[PEERS];
bit overflow;
bit deaf[PEERS];               /* put after marks were lost: not heard */
byte held = HELD;                 /* epochs in the ring */

/* what happened */
int sealed[PEERS * EPOCHS];    /* every frame there is: the attacker has them all */
int accepted[PEERS * EPOCHS];

hidden byte k, ok;

inline fresh(p, e) {
  top[at(p, e)] = 0; floor_[at(p, e)] = 0; bits[at(p, e)] = 0
}

/* The peer's state goes for want of room, its high-water marks stay. */
inline strip(p) {
  for (k : 0 .. EPOCHS - 1) {
#ifdef FAULT_MARK
    top[at(p, k)] = 0;
#endif
    floor_[at(p, k)] = top[at(p, k)];
    bits[at(p, k)] = 0
  }
}

inline remove(p) {
  strip(p);
  present[p] = 0;
  ok = 0;
  for (k : 0 .. EPOCHS - 1) { if :: top[at(p, k)] > 0 -> ok = 1 :: else fi }
  if
  :: ok && grave[0] + grave[1] >= GRAVES ->
     fresh(p, 0); fresh(p, 1); known[p] = 0;
#ifndef FAULT_OVERFLOW
     overflow = 1
#endif
  :: ok && grave[0] + grave[1] < GRAVES -> grave[p] = 1
  :: !ok -> known[p] = 0
  fi;
  deaf[p] = 0
}

/* The peer's core is taken in: always its present session (an older one is refused, the floors are persisted). */
inline put(p) {
  if
  :: !present[p] ->
     if
     :: !grave[p] -> deaf[p] = overflow; fresh(p, 0); fresh(p, 1)
     :: grave[p] && known[p] != session[p] -> fresh(p, 0); fresh(p, 1)
     :: else
     fi;
     grave[p] = 0
  :: present[p] && known[p] != session[p] -> fresh(p, 0); fresh(p, 1); deaf[p] = 0
  :: else
  fi;
  present[p] = 1;
  known[p] = session[p]
}

/* All pairs start afresh. */
inline new_session() {
  boots++;
#ifndef FAULT_SESSION
  own++;
#endif
  for (k : 0 .. PEERS - 1) { fresh(k, 0); fresh(k, 1); grave[k] = 0; deaf[k] = 0 }
  overflow = 0
}

inline seal(p, e) {
  highest[p]++;
  assert((sealed[at(p, e)] & frame(session[p], own, highest[p])) == 0);                                /* nonce */
  sealed[at(p, e)] = sealed[at(p, e)] | frame(session[p], own, highest[p])
}

#ifdef FAULT_WINDOW
#define would_accept(p, e, c) (c > floor_[at(p, e)])
#else
#define would_accept(p, e, c) (c > floor_[at(p, e)] && (c > top[at(p, e)] || (top[at(p, e)] - c < WINDOW && (bits[at(p, e)] & (1 << c)) == 0)))
#endif

/* The frame with counter c that process s of p sealed for session r of the receiver: it authenticates only under the
 * pair key of exactly these sessions. */
inline play(p, e, s, r, c) {
  if
  :: (sealed[at(p, e)] & frame(s, r, c)) && present[p] && known[p] == s && own == r && !deaf[p] &&
     would_accept(p, e, c) ->
     assert((accepted[at(p, e)] & frame(s, r, c)) == 0);                                               /* twice */
     accepted[at(p, e)] = accepted[at(p, e)] | frame(s, r, c);
     bits[at(p, e)] = bits[at(p, e)] | (1 << c);
     top[at(p, e)] = (c > top[at(p, e)] -> c : top[at(p, e)])
  :: else
  fi
}

inline any_counter(c) {
  if :: c = 1 :: c = 2 :: LAST > 2 -> c = 3 fi
}

#define PEER(p) \
  :: d_step { highest[p] < LAST && (held & 1) -> seal(p, 0) } \
  :: d_step { highest[p] < LAST && (held & 2) -> seal(p, 1) } \
  :: d_step { session[p] + 1 < SESSIONS -> session[p] = 1; highest[p] = 0 } \
  :: d_step { !present[p] || known[p] != session[p] -> put(p); k = 0 } \
  :: d_step { present[p] -> strip(p); k = 0 } \
  :: d_step { present[p] -> remove(p); k = 0; ok = 0 } \
  :: atomic { present[p] && (held & 1) -> any_counter(c); d_step { play(p, 0, known[p], own, c); c = 0; k = 0 } } \
  :: atomic { present[p] && (held & 2) -> any_counter(c); d_step { play(p, 1, known[p], own, c); c = 0; k = 0 } }

byte c;

active proctype world() {
  do
  PEER(0)
  PEER(1)
  :: d_step { boots < BOOTS - 1 ->      /* a restart of the receiver: what it knew of its peers is gone */
       present[0] = 0; present[1] = 0; known[0] = 0; known[1] = 0; new_session(); k = 0 }
  :: d_step { overflow && boots < BOOTS - 1 -> new_session(); k = 0 }
  :: d_step { held == 3 -> held = 2; fresh(0, 0); fresh(1, 0) }
  od
}
