/*
 * job.pml - the way of one job, and all that may go wrong on it.
 *
 * One job with two tries, two workers, at most FAULTS faults at any points.
 * What must hold is in promises(), which is called after every change of what
 * it speaks of, and in the_end(), which is reached when nothing can move any
 * more: whatever an orphan might still have done, it has done by then.
 *
 * README.md tells what is left out, and what each of the bugs does that can be
 * put in by defining a name:
 *
 *     NO_SUCCESS_RECEIPT          a success commits without its receipt
 *     NO_FAILURE_RECEIPT          a final failure commits without its receipt
 *     REFUSAL_WITHOUT_RECEIPT     a refusal is answered, nothing is written
 *     POISON_WITHOUT_RECEIPT      poison is answered, nothing is written
 *     SKIP_EMPTY_RECEIPT          a redelivered attempt that wrote nothing
 *                                 leaves its receipt out
 *     CLAIMED_BEFORE_MEANS_SECOND_TRY
 *     SETTLE_BY_LOOKING           the house executor looks, and does not insert
 *     OWN_OUTCOME_ON_CONFLICT     an attempt that meets a receipt rolls back,
 *                                 but reports what it has come to itself
 *     ACK_WITHOUT_TOKEN           the broker takes an answer from anybody
 *     ACK_BY_WORKER_ONLY          the token lacks the number of the claim
 *     ACK_BEFORE_RELAY            the outbox is relayed after the acknowledgement
 *     RELAY_BEFORE_COMMIT         the child is enqueued when the handler asks
 *     LEASE_COVERS_LOST_CLAIM     a claim whose reply was lost is renewed with
 *                                 the other claims of its worker
 *     CLAIM_FORGOTTEN             a lost claim leaves no trace in the broker, as
 *                                 after a restart from what it had saved before
 *
 * HARM_ONLY takes out the promises that some of these break in the very step
 * in which they are committed, so that spin must find what follows from them.
 */
#ifndef FAULTS
#define FAULTS 2
#endif
#define TRIES   2
#define WORKERS 2
#define SLOTS   (FAULTS + 1) /* Each fault leaves at most one attempt behind that can still move. */
#define NOBODY  255

mtype = {WAITING, CLAIMED, FINAL};

/* What an attempt comes to, what a receipt says, and what the broker keeps. */
mtype = {
    NOTHING,
    WROTE,  /* success: an effect and an outbox row are committed */
    EMPTY,  /* success that wrote nothing */
    FAILED, /* for good: what on_job_failure wrote is committed */
    RETRY,  /* another try is wanted */
    CRASHED /* the executor ended without a word, or COMMIT without an answer */
};

/*
 * The broker. A token is a worker and the number of its claim. Here a worker
 * claims only after it has forgotten its claim before, and so the holder alone
 * is the token. Runs with one loss allowed and with two are both searched.
 */
mtype state = WAITING;
mtype final_outcome = NOTHING;
byte holder = NOBODY;
bool claimed_before;
byte tries;
byte losses;
byte max_losses;
bool child; /* is in the broker; as its identity is fixed, enqueued twice it is one job */

/* The session's database: what is committed, and whose open transaction has inserted a receipt. */
mtype receipt = NOTHING;
byte effects;
byte failure_effects;
bool outbox;
byte inserted_by = NOBODY;

/* Attempts. A slot is an executor and its database backend. */
bool busy[SLOTS];
bool dead[SLOTS];           /* the executor has ended; its backend may not know yet */
byte owner[SLOTS] = NOBODY; /* the worker that listens; NOBODY: an orphan */
bool settling[SLOTS];       /* this is the house executor; no handler runs */
bool redelivered[SLOTS];    /* the job may have been started before */
bool last_try[SLOTS];

/* What a dispatcher remembers. Its death wipes it out. */
bool holds[WORKERS]; /* believes that it holds the job, and renews the lease */
mtype inbox[WORKERS] = NOTHING;
bool crashed[WORKERS];

byte faults;

inline promises()
{
    /* Effects once. A failure leaves nothing behind but what its hook wrote, once. */
    assert(effects <= 1);
    assert(failure_effects <= 1);
    assert(!(effects > 0 && failure_effects > 0));
    /* The final outcome agrees with what is committed, and goes on doing so. */
    assert(!(final_outcome == WROTE && effects == 0));
    assert(!(final_outcome == EMPTY && effects + failure_effects > 0));
    assert(!(final_outcome == FAILED && effects > 0));
#ifndef HARM_ONLY
    assert(!(final_outcome == FAILED && failure_effects == 0));
    assert(!(final_outcome == WROTE && !child));
    assert(!(child && effects == 0));
#endif
}

inline the_end()
{
    assert(state == FINAL);
    assert(child == (effects > 0));
    promises()
}

/*
 * An attempt, or the house executor settling a job; the numbers are those of
 * DESIGN's "An attempt, step by step". The executor may die between any two
 * steps. Its backend then rolls back, but a COMMIT already sent may yet succeed,
 * at any later time, and until the backend has ended it keeps the receipt's key.
 */

inline commit()
{
    if
    :: outcome == WROTE -> effects++; outbox = true
    :: outcome == FAILED -> failure_effects++
    :: else
    fi;
    if
    :: inserted_by == me -> receipt = outcome; inserted_by = NOBODY
    :: else
    fi;
    printf("attempt %d: %e is committed\n", me, outcome);
    promises()
}

inline roll_back()
{
    if
    :: inserted_by == me -> inserted_by = NOBODY
    :: else
    fi;
    printf("attempt %d: rolled back\n", me)
}

inline free_slot()
{
    busy[me] = false;
    dead[me] = false;
    owner[me] = NOBODY;
    settling[me] = false;
    redelivered[me] = false;
    last_try[me] = false;
    outcome = NOTHING;
    in_transaction = false;
    commit_sent = false
}

/*
 * Looks for a receipt, then runs the handler. What a handler writes is seen by
 * nobody before COMMIT, so nothing is lost by letting it be done at once.
 */
inline run_handler()
{
    if
    :: redelivered[me] && receipt != NOTHING -> outcome = receipt /* 2. */
    :: else ->
        if
        :: outcome = FAILED; /* 2. Refused. */
#ifndef REFUSAL_WITHOUT_RECEIPT
           in_transaction = true
#endif
        :: outcome = WROTE; /* 4. */
           in_transaction = true;
#ifdef RELAY_BEFORE_COMMIT
           child = true
#endif
        :: outcome = EMPTY; /* 4. Needs a receipt only if somebody else may have had the job. */
#ifndef SKIP_EMPTY_RECEIPT
           in_transaction = redelivered[me]
#endif
        :: !last_try[me] -> outcome = RETRY /* 5. */
        :: outcome = FAILED; in_transaction = true /* 6. For good, or on the last try. */
        fi
    fi
}

/* Poison, and out of tries: a final failure like any other. */
inline settle()
{
#ifdef SETTLE_BY_LOOKING
    outcome = (receipt == NOTHING -> FAILED : receipt)
#else
    outcome = FAILED;
    in_transaction = true
#endif
}

/* Whoever inserts the receipt first decides. */
inline insert_receipt()
{
    if
    :: receipt == NOTHING -> inserted_by = me
    :: else ->
        printf("attempt %d: meets the receipt of %e\n", me, receipt);
        in_transaction = false; /* Rolled back. */
#ifndef OWN_OUTCOME_ON_CONFLICT
        outcome = receipt
#endif
    fi
}

#if defined(NO_SUCCESS_RECEIPT)
#define HAS_RECEIPT (outcome == FAILED)
#elif defined(NO_FAILURE_RECEIPT)
#define HAS_RECEIPT (outcome != FAILED)
#else
#define HAS_RECEIPT true
#endif

proctype Attempt(byte me)
{
    mtype outcome = NOTHING; /* what it has come to */
    bool in_transaction;
    bool commit_sent;

end:
    {
        atomic {
            busy[me] ->
            if
            :: settling[me] -> settle()
            :: else -> run_handler()
            fi;
            printf("attempt %d: comes to %e\n", me, outcome)
        }
        if
        /* The key is unique: this waits until a transaction that has inserted it is over. */
        :: atomic { in_transaction && HAS_RECEIPT && inserted_by == NOBODY -> insert_receipt() }
        :: in_transaction && !HAS_RECEIPT
        :: !in_transaction
        fi;
        if
        :: in_transaction ->
            commit_sent = true;
            atomic { commit(); commit_sent = false; in_transaction = false }
        :: else
        fi;
        atomic {
            if /* 7. */
            :: owner[me] != NOBODY -> inbox[owner[me]] = outcome
            :: else
            fi;
            free_slot()
        }
    } unless {
        atomic {
            dead[me] ->
            if
            :: commit_sent -> commit()
            :: roll_back()
            fi;
            free_slot()
        }
    };
    goto end
}

/* What the broker does, each in one script or one transaction. */

#if defined(ACK_WITHOUT_TOKEN)
#define TOKEN_FITS (state != FINAL)
#elif defined(ACK_BY_WORKER_ONLY) /* Let the two be two threads of one worker. */
#define TOKEN_FITS (holder != NOBODY)
#else
#define TOKEN_FITS (holder == me)
#endif

inline claim()
{
    state = CLAIMED;
    holder = me;
#ifdef CLAIMED_BEFORE_MEANS_SECOND_TRY
    redelivery = (tries > 0);
#else
    redelivery = claimed_before;
#endif
    claimed_before = true;
    printf("worker %d: claims\n", me)
}

inline acknowledge()
{
    if
    :: TOKEN_FITS ->
        state = FINAL;
        holder = NOBODY;
        final_outcome = outcome;
        printf("worker %d: acknowledges %e\n", me, outcome)
    :: else
    fi;
    promises()
}

/* Without tries left the job stays with its worker, who has it settled. */
inline use_up_try()
{
    if
    :: TOKEN_FITS ->
        tries++;
        if
        :: tries < TRIES -> state = WAITING; holder = NOBODY
        :: else
        fi
    :: else
    fi
}

inline lose()
{
    state = WAITING;
    holder = NOBODY;
    losses = (losses < max_losses -> losses + 1 : losses);
#ifdef CLAIM_FORGOTTEN
    claimed_before = false;
#endif
    printf("broker: the lease is over, that is a loss\n")
}

inline relay()
{
    if
    :: outcome == WROTE && outbox ->
        child = true;
        if
        :: outbox = false
        :: skip /* Stopped between relay and delete. */
        fi
    :: else
    fi
}

/* What a worker, that is its dispatcher, does. */

#define TO_BE_SETTLED (tries == TRIES || losses == max_losses)

inline start(to_settle)
{
    slot = 0;
    do
    :: slot < SLOTS && busy[slot] -> slot++
    :: else -> break
    od;
    assert(slot < SLOTS);
    busy[slot] = true;
    owner[slot] = me;
    settling[slot] = to_settle;
    redelivered[slot] = redelivery;
    last_try[slot] = (tries + 1 == TRIES);
    printf("worker %d: starts attempt %d\n", me, slot);
    slot = 0
}

inline have_it_settled()
{
#ifdef POISON_WITHOUT_RECEIPT
    inbox[me] = FAILED
#else
    start(true)
#endif
}

/* It listens to its attempt no more, which is not ended by that. */
inline forget()
{
    slot = 0;
    do
    :: slot < SLOTS ->
        if
        :: owner[slot] == me -> owner[slot] = NOBODY
        :: else
        fi;
        slot++
    :: else -> break
    od;
    slot = 0;
    holds[me] = false;
    inbox[me] = NOTHING
}

proctype Worker(byte me)
{
    byte slot;
    bool redelivery;
    mtype outcome = NOTHING;

end:
    {
        atomic {
            /* Workers are alike, so let the first one have the first claim. */
            state == WAITING && (claimed_before || me == 0) ->
            claim();
            if
            :: holds[me] = true
            :: faults < FAULTS ->
                faults++;
                redelivery = false;
#ifdef LEASE_COVERS_LOST_CLAIM
                holds[me] = true;
#endif
                printf("worker %d: the reply to its claim is lost\n", me);
                goto end
            fi;
            if
            :: TO_BE_SETTLED -> have_it_settled()
            :: else -> start(false)
            fi;
            redelivery = false
        }
listen:
        atomic {
            if
            :: inbox[me] == WROTE || inbox[me] == EMPTY || inbox[me] == FAILED -> outcome = inbox[me]
            :: inbox[me] == RETRY -> use_up_try(); goto done
            :: inbox[me] == CRASHED ->
                inbox[me] = NOTHING;
                if
                :: TO_BE_SETTLED /* It was the house executor. */
                :: else -> use_up_try()
                fi;
                if
                :: TOKEN_FITS && state == CLAIMED -> have_it_settled(); goto listen
                :: else -> goto done
                fi
            :: holder != me -> goto done /* A renewal was refused. */
            fi
        }
#ifndef ACK_BEFORE_RELAY
        atomic { relay() }
#endif
answer:
        atomic {
            if
            :: acknowledge()
            :: faults < FAULTS -> faults++; acknowledge(); goto answer /* The reply is lost. */
            :: faults < FAULTS -> faults++; goto answer /* The request is lost. */
            fi
        }
#ifdef ACK_BEFORE_RELAY
        atomic { relay() }
#endif
done:
        atomic { forget(); outcome = NOTHING }
    } unless {
        atomic { crashed[me] -> crashed[me] = false; redelivery = false; outcome = NOTHING }
    };
    goto end
}

/* What may happen at any time. Faults are counted, but not what merely follows from one. */

proctype Executor_ends(byte me)
{
end:
    do
    /* It crashes, is killed, or loses its connection: another one takes its place. */
    :: atomic {
        faults < FAULTS && busy[me] && !dead[me] && owner[me] != NOBODY ->
        faults++;
        dead[me] = true;
        inbox[owner[me]] = CRASHED;
        owner[me] = NOBODY;
        printf("attempt %d: its executor dies\n", me)
       }
    /* An orphan finds its socket closed, or its dispatcher kills it as the lease is lost. */
    :: atomic { busy[me] && !dead[me] && owner[me] == NOBODY -> dead[me] = true }
    od
}

proctype Worker_ends(byte me)
{
    byte slot;

end:
    do
    /* Its executors and their backends live on. Another worker takes its place. */
    :: atomic {
        faults < FAULTS && holds[me] ->
        faults++;
        crashed[me] = true;
        forget();
        printf("worker %d: dies\n", me)
       }
    od
}

proctype Lease_ends()
{
end:
    do
    :: atomic { state == CLAIMED && !holds[holder] -> lose() }
    /* A pause: worker and attempt go on later and do not know. */
    :: atomic {
        faults < FAULTS && state == CLAIMED && holds[holder] ->
        faults++;
        printf("worker %d: is paused\n", holder);
        lose()
       }
    od
}

init
{
    byte i;

    atomic {
        if
        :: max_losses = 1
        :: max_losses = 2
        fi;
        for (i : 0 .. SLOTS - 1) {
            run Attempt(i);
            run Executor_ends(i)
        }
        for (i : 0 .. WORKERS - 1) {
            run Worker(i);
            run Worker_ends(i)
        }
        run Lease_ends()
    }
    timeout -> the_end()
}
