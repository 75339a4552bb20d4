/* Rotation: does a pair of members ever lose each other while keys come and go?
 *
 * Three members, any of whom may restart; a network that delays, reorders, loses and partitions; a keymaster that
 * announces epochs, and retirements as early as it likes; with FORK a second keymaster that does not know of the
 * first. One step of the process below is one event at one member, as in node/core.
 *
 * Entries of the ring, in the ring's order (epoch, commitment): E1, E2a, E2b (a fork of E2a), E3 (after E2a).
 *
 * Checked (the assertions):
 *  lost   A frame between members that were neither cut off nor restarted since they last could talk is opened.
 *  alone  Wiping a retired key never takes the last common key from such a pair.
 *  deaf   Whenever two connected members share a live key, a ping of one of them, answered by the other, passes.
 *
 * Time is abstracted to one assumption: a retired key is wiped later than the frames that were sealed under it before,
 * and the answers to them, can still arrive (2 x the maximal suspicion timeout against a datagram's life). Frames that an attacker holds
 * back for longer may come at any time, and count as lost if they no longer open.
 */
#ifndef CUTS
#define CUTS 2      /* how often a connection between two members is cut, in all */
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif

#define N 3
#define E 4                                      /* entries; number i is bit 1 << i of a set, and i + 1 where 0 is none */
#define E1 1
#define E2a 2
#define E2b 4
#define E3 8
#define epoch_of(entry) (entry - (entry > 2))    /* of an entry's number + 1: 1 2 2 3 */
#define at_most(epoch) ((epoch == 0 -> 0 : (epoch == 1 -> E1 : (epoch == 2 -> E1 | E2a | E2b : 15))))
#define bit_of(entry) ((1 << entry) >> 1)
#define newest_in(set) ((set & E3 -> 4 : (set & E2b -> 3 : (set & E2a -> 2 : (set & E1 -> 1 : 0)))))
#define lowest_in(set) ((set & E1 -> 1 : (set & E2a -> 2 : (set & E2b -> 3 : (set & E3 -> 4 : 0)))))
#define of(x, y) ((x) * N + (y))                 /* what x knows of y */
#define pair(x, y) (1 << ((x) + (y) - 1))        /* 0-1: 1, 0-2: 2, 1-2: 4 */
#define greater(a, b) ((a > b -> a : b))

/* --- the members --- */
byte live[N];        /* keys in the ring */
byte usable[N];      /* and those that are retired, and still open frames */
byte retired_floor[N];
bit boot[N];         /* which process: a restart has a new session key */
byte stated[N * N];  /* the newest entry that the peer has stated */
byte heard[N * N];   /* the entry of the peer's frames */
byte acked[N * N];   /* the greatest entry under which the peer has acked */
bit session[N * N];  /* which of the peer's processes is known */

/* --- the world --- */
byte up = 7;         /* pairs that are connected */
byte apart;          /* pairs that were cut, or one restarted, since both could talk */
byte made = E1;      /* entries announced */
byte told;           /* the retirement announced: this epoch and below */
byte cuts = CUTS;
byte restarts = RESTARTS;

#define NONE 0
#define PING 1
#define ACK 2
typedef Frame {
  byte kind;
  byte from;
  byte to;
  byte entry;
  byte states;
  bit process;       /* of the sender */
  bit opens;         /* sealed for the receiver's present session key */
  bit counts;        /* must not be lost for want of a key */
};
Frame held;          /* the one frame that the network holds back, for as long as it likes */
hidden Frame flying;    /* the one that is being delivered */

hidden byte sel, sel2, x, y, k, i, n, was, e1, e2;
hidden byte keep_stated, keep_heard;
hidden byte ok1, ok2;

/* The epoch that x uses towards y (node/core/sender.cpp): the greatest that both have stated, failing that the
 * one of the peer's frames, else the lowest held. */
inline choose(a, b) {
#ifdef FAULT_NEWEST
  sel = newest_in(live[a]);
#else
  sel = newest_in((live[a] & (at_most((epoch_of(stated[of(a, b)]) - (stated[of(a, b)] > 0))) | bit_of(stated[of(a, b)]))));
#ifndef FAULT_GUESS
  /* Below the stated one it is a guess that the peer holds an entry; one that it has used it did hold. */
  if
  :: heard[of(a, b)] > sel && (live[a] & bit_of(heard[of(a, b)])) -> sel = heard[of(a, b)]
  :: else
  fi;
#endif
  if
  :: sel == 0 && (live[a] & bit_of(heard[of(a, b)])) -> sel = heard[of(a, b)]
  :: else
  fi;
  if
  :: sel == 0 -> sel = lowest_in(live[a])
  :: else
  fi;
#endif
}

inline forget(a, b) {
  stated[of(a, b)] = 0;
  heard[of(a, b)] = 0;
  acked[of(a, b)] = 0;
}

inline seal(frame, what, a, b, under) {
  frame.kind = what;
  frame.from = a;
  frame.to = b;
  frame.entry = under;
  frame.states = newest_in(live[a]);
  frame.process = boot[a];
  frame.opens = session[of(a, b)] == boot[b];
  frame.counts = (apart & pair(a, b)) == 0
}

inline clear(frame) {
  frame.kind = 0; frame.from = 0; frame.to = 0; frame.entry = 0; frame.states = 0; frame.process = 0; frame.opens = 0;
  frame.counts = 0
}

inline hold() {
  held.kind = flying.kind; held.from = flying.from; held.to = flying.to; held.entry = flying.entry; held.states = flying.states;
  held.process = flying.process; held.opens = flying.opens; held.counts = flying.counts
}

inline release() {
  flying.kind = held.kind; flying.from = held.from; flying.to = held.to; flying.entry = held.entry; flying.states = held.states;
  flying.process = held.process; flying.opens = held.opens; flying.counts = held.counts;
  clear(held)
}

/* Until it is wiped, a retired epoch answers frames received under it. So does the epoch of an introduction whose
 * short frame does not open, for nothing else is known of what a restarted peer holds. (For that answer only: whoever
 * has an epoch's key can offer introductions.) */
#ifdef FAULT_INTRODUCTION
#define introduction_decides 0
#else
#define introduction_decides 1
#endif
#define answers_under(me, peer, entry) ((live[me] & bit_of(entry)) == 0 || \
  (session[of(peer, me)] != boot[me] && introduction_decides))

/* A ping of a that b answers, as if it happened now; ok: both frames open. Changes nothing. */
inline try_exchange(a, b, ok) {
  ok = 0;
  choose(a, b);
  e1 = sel;
  if
  :: (usable[b] & bit_of(e1)) ->
     keep_stated = stated[of(b, a)];
     keep_heard = heard[of(b, a)];
     if
     :: session[of(b, a)] != boot[a] -> stated[of(b, a)] = 0; heard[of(b, a)] = 0
     :: else
     fi;
     if
     :: session[of(a, b)] == boot[b] ->
        stated[of(b, a)] = greater(stated[of(b, a)], newest_in(live[a]));
        heard[of(b, a)] = greater(heard[of(b, a)], e1)
     :: else
     fi;
     choose(b, a);
     if
     :: answers_under(b, a, e1) -> sel = e1
     :: else
     fi;
     ok = (usable[a] & bit_of(sel)) != 0;
     stated[of(b, a)] = keep_stated;
     heard[of(b, a)] = keep_heard;
  :: else
  fi
}

/* After every event, for each pair: the property `deaf`; and whether the two can talk again. */
inline look(a, b) {
  if
  :: (up & pair(a, b)) ->
     if
     :: (live[a] & live[b]) ->
        try_exchange(a, b, ok1);
        try_exchange(b, a, ok2);
        assert(ok1 || ok2)                                                                              /* deaf */
     :: else
     fi;
     if
     :: (apart & pair(a, b)) && session[of(a, b)] == boot[b] && session[of(b, a)] == boot[a] ->
        choose(a, b);
        ok1 = (live[b] & bit_of(sel)) != 0;
        choose(b, a);
        ok2 = (live[a] & bit_of(sel)) != 0;
        if
        :: ok1 && ok2 -> apart = apart & ~pair(a, b)
        :: else
        fi
     :: else
     fi
  :: else
  fi
}

inline part(a, b) {
  apart = apart | pair(a, b);
  if
  :: held.kind != NONE && held.from + held.to == a + b -> held.counts = 0
  :: else
  fi
}

/* The frame `flying` arrives. What it is answered with, if anything, becomes `flying`. */
inline deliver() {
  x = flying.from;
  y = flying.to;
  e1 = flying.entry;
  k = flying.kind;
  was = flying.counts;
  printf("%d takes %d of %d under %d stating %d\n", y, k, x, e1, flying.states);
  assert(!flying.counts || (usable[y] & bit_of(e1)));                                                      /* lost */
  if
  :: (usable[y] & bit_of(e1)) == 0 || (flying.process != session[of(y, x)] && flying.process != boot[x]) -> k = NONE
  :: else ->
     if   /* an introduction says who the sender is now */
     :: flying.process != session[of(y, x)] -> session[of(y, x)] = flying.process; forget(y, x)
     :: else
     fi;
#ifdef FAULT_LAST
     heard[of(y, x)] = e1;
#else
     if
     :: flying.opens -> heard[of(y, x)] = greater(heard[of(y, x)], e1)
     :: else
     fi;
#endif
     if
     :: !flying.opens -> k = PING      /* a reply-marked introduction and ping */
     :: else ->
#ifdef FAULT_REGRESS
        stated[of(y, x)] = flying.states;
#else
        stated[of(y, x)] = greater(stated[of(y, x)], flying.states);
#endif
        if
        :: k == PING -> k = ACK
        :: else -> acked[of(y, x)] = greater(acked[of(y, x)], e1); k = NONE
        fi
     fi
  fi;
  ok1 = flying.opens;
  clear(flying);
  if
  :: k != NONE && (up & pair(x, y)) ->
     choose(y, x);
     if
     :: (live[y] & bit_of(e1)) == 0 || (!ok1 && introduction_decides) -> sel = e1
     :: else
     fi;
     seal(flying, k, y, x, sel);
     flying.counts = flying.counts && was   /* the answer to what came too late comes too late */
  :: else
  fi
}

inline ping(a, b) {
  choose(a, b);
  printf("%d pings %d under %d\n", a, b, sel);
  seal(flying, PING, a, b, sel)
}

/* On request, in a sealed frame. */
inline give(a, b) {
  if
  :: session[of(b, a)] == boot[a] ->
     ping(a, b);
     if
     :: flying.opens && (usable[b] & bit_of(sel)) ->
        printf("%d gives %d its keys\n", a, b);
        live[b] = live[b] | (live[a] & ~at_most(retired_floor[b]));
        usable[b] = usable[b] | live[b]
     :: else
     fi;
     deliver();
     clear(flying)
  :: else
  fi
}

inline bury(a, through) {
  printf("%d retires through epoch %d\n", a, through);
  live[a] = live[a] & ~at_most(through);
  retired_floor[a] = greater(retired_floor[a], through);
}

/* May a obey the retirement: a newer key held, and half of the live members, rounded up, have acked under one. */
inline count_acks(a, through) {
  n = 0;
  was = 1;
  for (i : 0 .. N - 1) {
    if
    :: i != a && (up & pair(a, i)) ->
       was++;
       if
       :: epoch_of(acked[of(a, i)]) > through -> n++
       :: else
       fi
    :: else
#ifdef FAULT_GONE
       -> if
       :: i != a && epoch_of(acked[of(a, i)]) > through -> n++
       :: else
       fi
#endif
    fi
  }
  ok1 = n >= (was + 1) / 2;
#ifdef FAULT_RETIRE
  ok1 = 1;
#endif
  ok1 = ok1 && newest_in(live[a]) && epoch_of(newest_in(live[a])) > through
}

inline settle() {
  look(0, 1);
  look(0, 2);
  look(1, 2);
  sel = 0; x = 0; y = 0; k = 0; i = 0; n = 0; was = 0; e1 = 0; ok1 = 0; ok2 = 0
}

/* Retired keys go. Frames that count, and their answers, still arrive before. */
inline wipe(a) {
  ok1 = 1;
#ifndef FAULT_WIPE
  if
  :: held.kind != NONE && (held.to == a || held.from == a) && held.counts && (live[a] & bit_of(held.entry)) == 0 -> ok1 = 0
  :: else
  fi;
#endif
  if
  :: ok1 ->
     for (i : 0 .. N - 1) {
       if
       :: i != a && (up & pair(a, i)) && (apart & pair(a, i)) == 0 ->
          assert((usable[a] & usable[i]) == 0 || (live[a] & usable[i]) != 0)                           /* alone */
       :: else
       fi
     }
     usable[a] = live[a];
     printf("%d wipes, keeps %d\n", a, live[a])
  :: else
  fi
}

/* A boot: nothing is known but the ring (or nothing at all), and TLS with some member brings its ring. */
inline reboot(a, b, with_ring) {
  restarts--;
  printf("%d restarts, with ring: %d, joins by %d\n", a, with_ring, b);
  boot[a] = 1 - boot[a];
  if
  :: !with_ring -> live[a] = 0; retired_floor[a] = 0
  :: else
  fi;
  retired_floor[a] = greater(retired_floor[a], retired_floor[b]);
  live[a] = (live[a] | live[b]) & ~at_most(retired_floor[a]);
  usable[a] = live[a];
  for (i : 0 .. N - 1) {
    if
    :: i != a ->
       forget(a, i);
       session[of(a, i)] = session[of(b, i)];
       part(a, i)
    :: else
    fi
  }
  session[of(a, b)] = boot[b];
  session[of(b, a)] = boot[a];
  forget(b, a);
  if   /* sealed for a session key that is gone */
  :: held.kind != NONE && held.to == a -> clear(held)
  :: else
  fi
}

/* State sync over TLS: rings are merged by union. What the other has retired is one more way to hear of it. */
inline sync(a, b) {
  printf("%d syncs with %d\n", a, b);
#ifdef FAULT_SYNC
  if
  :: retired_floor[b] > retired_floor[a] && (live[a] | live[b]) & ~at_most(retired_floor[b]) ->
     live[a] = live[a] | live[b];
     bury(a, retired_floor[b])
  :: else
  fi;
#endif
  live[a] = live[a] | (live[b] & ~at_most(retired_floor[a]));
  usable[a] = usable[a] | live[a]
}

inline any_connected(a, b) {
  if
  :: (up & 1) -> a = 0; b = 1 :: (up & 1) -> a = 1; b = 0
  :: (up & 2) -> a = 0; b = 2 :: (up & 2) -> a = 2; b = 0
  :: (up & 4) -> a = 1; b = 2 :: (up & 4) -> a = 2; b = 1
  fi
}

#ifdef FAULT_SYNC
#define needs_sync(a, b) (up & pair(a, b))
#else
/* Who is no longer understood rejoins. (A sync between others gives keys, as a request does.) */
#define needs_sync(a, b) ((up & pair(a, b)) && (live[a] & live[b]) == 0)
#endif
inline any_apart(a, b) {
  if
  :: needs_sync(0, 1) -> a = 0; b = 1 :: needs_sync(0, 1) -> a = 1; b = 0
  :: needs_sync(0, 2) -> a = 0; b = 2 :: needs_sync(0, 2) -> a = 2; b = 0
  :: needs_sync(1, 2) -> a = 1; b = 2 :: needs_sync(1, 2) -> a = 2; b = 1
  fi
}
inline cut(a, b) {
  cuts--;
  up = up & ~pair(a, b);
  part(a, b);
  printf("%d and %d are cut off\n", a, b)
}

byte p, q;   /* of the event that is chosen; 0 between events */

active proctype world() {
  d_step {
    for (i : 0 .. N - 1) { live[i] = E1; usable[i] = E1 }
    for (i : 0 .. N * N - 1) { stated[i] = 1; heard[i] = 1 }
    for (i : 0 .. N - 1) { forget(i, i) }
    i = 0
  }
  do
  :: atomic {
       if
       /* the keymasters */
       :: d_step { (made & E2a) == 0 && newest_in(live[0]) == 1 ->
            made = made | E2a; live[0] = live[0] | E2a; usable[0] = usable[0] | E2a }
#ifdef THIRD
       :: d_step { (made & E3) == 0 && (live[0] & E2a) ->
            made = made | E3; live[0] = live[0] | E3; usable[0] = usable[0] | E3 }
       :: d_step { told == 1 && (made & E3) -> told = 2 }
#endif
#ifdef FORK
       :: d_step { (made & E2b) == 0 && newest_in(live[2]) == 1 ->
            made = made | E2b; live[2] = live[2] | E2b; usable[2] = usable[2] | E2b }
#endif
       :: d_step { told == 0 && made != E1 -> told = 1 }
       /* frames: answered at once; or held back by the network, and the answer lost */
       :: any_connected(p, q);
          if
          :: d_step { ping(p, q); deliver(); if :: flying.kind != NONE -> deliver() :: else fi; clear(flying) }
          :: d_step { held.kind == NONE -> ping(p, q); hold(); clear(flying) }
          :: d_step { newest_in(live[p]) != stated[of(p, q)] -> give(p, q); ok1 = 0 }
          fi
       :: d_step { held.kind != NONE -> release(); deliver(); clear(flying) }
       :: d_step { held.kind != NONE -> clear(held) }
       /* retirement */
       :: if
          :: retired_floor[0] < told -> p = 0 :: retired_floor[1] < told -> p = 1 :: retired_floor[2] < told -> p = 2
          fi;
          d_step { count_acks(p, told); if :: ok1 -> bury(p, told) :: else fi; ok1 = 0 }
       :: if
          :: usable[0] != live[0] -> p = 0 :: usable[1] != live[1] -> p = 1 :: usable[2] != live[2] -> p = 2
          fi;
          d_step { wipe(p); ok1 = 0 }
       /* the world */
       :: d_step { cuts > 0 && (up & 1) -> cut(0, 1); ok1 = 0 }
       :: d_step { cuts > 0 && (up & 2) -> cut(0, 2); ok1 = 0 }
       :: d_step { cuts > 0 && (up & 4) -> cut(1, 2); ok1 = 0 }
       :: d_step { !(up & 1) -> up = up | 1 }
       :: d_step { !(up & 2) -> up = up | 2 }
       :: d_step { !(up & 4) -> up = up | 4 }
       :: restarts > 0 && up != 0 -> any_connected(p, q);
          if
          :: d_step { reboot(p, q, 1); ok1 = 0 }
          :: d_step { reboot(p, q, 0); ok1 = 0 }
          fi
       :: any_apart(p, q); d_step { sync(p, q) }
       fi;
       d_step { settle(); p = 0; q = 0 }
     }
  od
}
