# SPDX-License-Identifier: Apache-2.0
@0x9f0a90779b88abf9;
# The API of swolld on its Unix socket. The bootstrap capability is `Swoll`.
#
# Times are nanoseconds. A `Data` or `Text` that came from a traced process is untrusted bytes;
# `Data` is used where it need not be UTF-8. An error is an exception whose text is one line that
# names what was wrong and the nearest valid thing.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("swoll::schema");

# How a list reads as JSON, where its items' fields are a name in one or more parts (joined in camelCase)
# and, last, the value.
annotation jsonMap @0xd610d5dc84c31ac3 (field) :Void;  # as one object
const jsonMapId :UInt64 = 0xd610d5dc84c31ac3;
annotation jsonMembers @0xa2c5fe91b093bae4 (field) :Void;  # as members of the object that it stands in
const jsonMembersId :UInt64 = 0xa2c5fe91b093bae4;

interface Swoll {
  addTrace @0 (spec :TraceSpec, dryRun :Bool, persist :Bool, temporary :Bool)
      -> (trace :Trace);
  # Starts a trace. An empty name is replaced by a made one. Fails when the name exists, a call is
  # unknown, the call list is empty or a selector does not parse; then nothing has changed.
  # dryRun: checks, and answers what the trace would match, without starting it.
  # persist: keeps it over restarts of the daemon, until it is removed.
  # temporary: removes it when this connection ends, if nobody has before.

  listTraces @1 () -> (traces :List(Trace));
  # In the order in which they were added; one that was changed by applyTraces comes last.

  getTrace @2 (name :Text) -> (trace :Trace);

  removeTrace @3 (name :Text) -> (trace :Trace);
  # Stops a trace; its kernel rules go unless another trace needs them. Answers its last counts.
  # Streams that follow it alone end, after what was already captured.

  tail @4 (traces :List(Text), sink :EventSink) -> (subscription :Subscription);
  # Streams the events of the named traces, of all traces when the list is empty. An event that
  # several of them want arrives once. Fails when a name is unknown.

  attachPath @5 (path :Text, sink :EventSink) -> (subscription :Subscription);
  # Streams those events of all traces that match "namespace/pod/container/call"; each part is a
  # glob (fnmatch(3)), trailing parts may be left out. Host processes have empty first parts. What
  # happens to processes stands in a call's place as "process:exec".

  containers @6 (units :Bool) -> (containers :List(Container));
  # What the observer sees now; with units, systemd's services and scopes as well.

  status @7 () -> (status :Status);

  syscalls @8 (pattern :Text) -> (syscalls :List(Syscall));
  # The table of known calls whose name, class or group matches the glob; all when it is empty.

  applyTraces @9 (specs :List(TraceSpec), replace :Bool, persist :Bool, dryRun :Bool)
      -> (results :List(Applied));
  # Several traces at once: all of them, or, with an error, none. Without `replace` a name that
  # exists is an error. With it, a trace that says the same is left as it is, and one that says
  # something else takes the place of the old one: its counts and streams go on, and no event is
  # lost that both want. A name is needed then. Fails as addTrace does, and when a name belongs to a
  # file of the folder of standing traces, or two of the specs share one.
  # persist: as in addTrace; a trace that is kept stays kept without it.
  # Answers in the order of the specs. dryRun: what would be done; nothing is.

  addContainer @10 (trace :Text, container :Text) -> (trace :Trace);
  # From now on the trace wants this container too, whatever its selectors say: "POD/CONTAINER",
  # "NAMESPACE/POD/CONTAINER" or an id, of which the first 8 characters will do. Fails when the
  # trace or the container is unknown, has ended, or the words could mean several containers.

  removeContainer @11 (trace :Text, container :Text) -> (trace :Trace);
  # From now on the trace does not want this container, whatever its selectors say. Fails as
  # addContainer does, and when the trace does not match it.

  stats @12 (filter :StatsFilter) -> (stats :Stats);
  # How often each container made each call, with which result, and how long that took: of every
  # call of every container, traced or not, since the daemon began to count or the container began.
  # Containers that ended stay for 5 minutes. Fails when nothing is counted, or a call is unknown.
}

interface EventSink {
  # Implemented by the client that tails.

  events @0 (items :List(StreamItem)) -> ();
  # The next events, in the order of their completion. The server has at most a few of these calls
  # unanswered; while they are, it queues up to a bound and counts what does not fit as a gap.

  end @1 (reason :Text) -> ();
  # The stream is over: the followed traces are gone or the daemon stops. Nothing follows.
}

interface Subscription {
  # Dropping it ends the stream.
}

struct StreamItem {
  union {
    event @0 :Event;
    gap @1 :UInt64;     # this many events are missing here: this client was behind
  }
}

struct TraceSpec {
  # Its fields have the names of the YAML's keys; name and namespace stand in its metadata.

  name @0 :Text;               # [a-z0-9.-], at most 253 bytes; "" to have one made
  syscalls @1 :List(Text);     # "openat", "sys_openat", "@Files", "@Network", "all", "!close"
  labelSelector @2 :Text;      # Kubernetes' string form: "a=b,c!=d,e in (f,g),h notin (i),j,!k"
  fieldSelector @3 :Text;      # status.phase, metadata.name, metadata.namespace, spec.nodeName,
                               # container.name, container.image; = and !=
  namespace @4 :Text;          # Kubernetes namespace; "" for every one
  pod @5 :Text;                # glob; "" for every one
  container @6 :Text;          # glob of the container's name or the start of its id; "" for all
  pidns @7 :UInt32;            # inode number of a pid namespace; 0: not asked for
  host @8 :Bool;               # processes in no container
  pid @9 :UInt32;              # one process (thread group) as the daemon sees it; 0: all
  comm @10 :Text;              # glob of the thread's name; "" for all
  uid @11 :Int64 = -1;         # user id in the initial user namespace; -1: all
  errno @12 :List(Text);       # "ENOENT", ..., "any" (failures only), "none" (successes only)
  minLatency @13 :UInt64;      # ns
  sampleRate @14 :UInt32;      # one of N; 0 or 1: every one
  duration @15 :UInt64;        # ns after which the trace ends by itself; 0: never
  journal @16 :Bool = true;    # log its events to the journal
  hostSelector @17 :List(Text);  # names of nodes on which it applies, at most 4,096; none: every one
  args @18 :List(ArgPattern);  # an event must match each; at most 16
  rate @19 :UInt32;            # events per second, the rest is counted as rateLimited; 0: no limit.
                               # One second's worth may come at once
  cgroup @20 :Text;            # processes in this cgroup and below: a path in the cgroup v2 tree,
                               # with or without its mount point in front; "" for all
  addContainers @21 :List(Text);     # wanted whatever the selectors say: "POD/CONTAINER",
                                     # "NAMESPACE/POD/CONTAINER" or a whole id; at most 4,096
  removeContainers @22 :List(Text);  # likewise not wanted; what is in both is not
  unit @23 :Text;              # glob of a systemd unit's name, "nginx" for nginx.service; "" for all
  processes @24 :List(Text);   # what happens to processes: "exec", "exit", "fork", "kill", "all",
                               # "!fork"; beside syscalls, or without any. Not with errno, minLatency

  # Every text has at most 4,096 bytes, selectors 16,384; syscalls are at most 2,048 words.
}

struct ArgPattern {
  name @0 :Text;               # of an argument, as events name it
  glob @1 :Text;               # of a string's or path's bytes, or the text form of other values
}

struct Applied {
  trace @0 :Trace;             # as it is now; of a dryRun: its spec and what it would match
  change @1 :Change;

  enum Change {
    added @0;
    changed @1;
    unchanged @2;
  }
}

struct Trace {
  spec @0 :TraceSpec;
  state @1 :State;
  reason @2 :Text;             # why it failed; empty otherwise
  created @3 :Int64;           # ns since 1970
  age @4 :UInt64;              # ns it has been running
  containers @5 :List(Text);   # ids matched now
  containersEver @6 :UInt32;   # how many it has matched since it was added
  ledger @7 :Ledger;
  owner @8 :UInt32;            # user id of the peer that added it
  streams @9 :UInt32;          # streams that follow it now
  remaining @10 :UInt64;       # ns until its duration is over; 0: it has none, or it is over
  matched @11 :List(ContainerName);      # the containers above, by name
  matchedEver @12 :List(ContainerName);  # the first 256 that it has matched since it was added;
                                         # containersEver says how many there were
  origin @13 :Text;            # "": it goes when the daemon ends; "kept": it was added with persist;
                               # else the file that it stands in

  enum State {
    running @0;
    expired @1;                # its duration is over; counts are kept until it is removed
    failed @2;
  }
}

struct ContainerName {
  id @0 :Text;
  namespace @1 :Text;
  pod @2 :Text;
  name @3 :Text;
}

struct Ledger {
  # What became of each event that a trace's rules matched. Once calls in flight have ended:
  # matched = delivered + filtered + sampled + rateLimited + ringFull + undecodable + stateMissing
  #           + the sinkLosses.
  matched @0 :UInt64;
  delivered @1 :UInt64;        # every sink that wanted it took it
  filtered @2 :UInt64;         # a filter of the trace (comm, errno, latency, ...) said no
  sampled @3 :UInt64;          # left out by sampleRate
  rateLimited @4 :UInt64;      # left out by a limit of events per second
  ringFull @5 :UInt64;         # the kernel's ring buffer had no room
  sinkLosses @6 :List(SinkLoss) $jsonMembers;  # of each sink, also where it lost nothing
  undecodable @7 :UInt64;      # the record was malformed
  stateMissing @8 :UInt64;     # the kernel had no memory for the call's state
  inFlight @9 :UInt64;         # calls entered and not ended
}

struct SinkLoss {
  # Of a sink that had no room: "clientBehind" of a stream whose queue was full, "journalSkipped" where
  # the journal refused or its limit was reached.
  sink @0 :Text;
  cause @1 :Text;
  count @2 :UInt64;
}

struct Event {
  traces @0 :List(Text);       # the traces that want it
  type @1 :UInt16;             # its type's number; of a call its row in the daemon's table; 0: unknown number
  number @2 :UInt32;           # as the architecture numbers it
  name @3 :Text;               # "sys_openat"
  class @4 :Text;
  group @5 :Text;
  arch @6 :Text;               # "x86_64", "i386", "arm64"
  pid @7 :UInt32;              # thread group, in the initial pid namespace
  tid @8 :UInt32;
  uid @9 :UInt32;
  gid @10 :UInt32;
  comm @11 :Data;              # at most 15 bytes
  session @12 :UInt32;
  container @13 :ContainerRef; # null for a host process
  return @14 :Int64;
  returned @15 :Bool = true;   # false: the call does not return (exit), or by SIGSYS
  namespaces @16 :Namespaces;
  start @17 :UInt64;           # ns since boot (CLOCK_BOOTTIME)
  finish @18 :UInt64;
  time @19 :Int64;             # of its start, ns since 1970
  args @20 :List(Argument);
  returnValue @21 :Value;      # a result that is no plain number (an address, flags); or none
  returnTarget @22 :Value;     # what a resulting descriptor stands for, as in Argument
  registers @23 :List(UInt64); # as the call was made; none for a call without arguments
  acting @24 :ContainerRef;    # the other container whose mount or pid namespace it acts in: id,
                               # pod, name, namespace; null where that is nobody else's
  unit @25 :Text;              # of a host process: its systemd unit; empty where none is known
  executed @26 :Bool = true;   # false: the kernel did not run the call; a seccomp filter (seccomp(2))
                               # or a tracer (ptrace(2)) answered it, the filter perhaps by SIGSYS:
                               # then returned is false, and return the error's number 4094
}

struct Argument {
  name @0 :Text;
  type @1 :Text;               # C type
  raw @2 :UInt64;              # the register
  value @3 :Value;
  faulted @4 :Bool;            # not all of its memory could be read: value is what was there of
                               # it, or else the address
  truncated @5 :Bool;          # cut; fullLength says how long it was
  fullLength @6 :UInt64;       # bytes, or elements of a list; 0: not known
  atExit @7 :Bool;             # an input that could only be read when the call ended
  after @8 :Value;             # of what the call changes: what it was at the end; none otherwise
  target @9 :Value;            # what a descriptor stands for, where a relative path leads; or none.
                               # Fields: kind ("file", "directory", "socket", "pipe", ...), path or
                               # name as /proc/PID/fd shows it, of a socket family, type, protocol,
                               # local and peer
}

struct Value {
  union {
    none @0 :Void;
    signed @1 :Int64;
    unsigned @2 :UInt64;
    address @3 :UInt64;        # 0 is NULL
    octal @4 :UInt64;
    bytes @5 :Data;            # a string or buffer, without a terminator
    symbol @6 :Text;           # "AF_INET", "AT_FDCWD"
    flags @7 :List(Text);      # "O_RDONLY", "O_CLOEXEC"; unknown bits as one "0x..."
    list @8 :List(Value);
    fields @9 :List(Field);    # a structure
    hex @10 :UInt64;           # a number that people write in hexadecimal
    pointed @11 :Value;        # a pointer to this one thing
    form @12 :Form;
  }

  struct Form {
    # Something that strace spells in its own way.
    value @0 :Value;
    strace @1 :Text;           # "htons(80)", "makedev(0x8, 0x1)", "[INT CHLD]"
  }

  struct Field {
    name @0 :Text;
    value @1 :Value;
  }
}

struct Namespaces {
  # Inode numbers, as in /proc/PID/ns. pid is the active one.
  pid @0 :UInt32;
  uts @1 :UInt32;
  mount @2 :UInt32;
  net @3 :UInt32;
  ipc @4 :UInt32;
  user @5 :UInt32;
  cgroup @6 :UInt32;
}

struct ContainerRef {
  id @0 :Text;
  pod @1 :Text;
  name @2 :Text;
  image @3 :Text;
  namespace @4 :Text;
  labels @5 :List(Label) $jsonMap;
  pid @6 :UInt32;              # its first process
  pidns @7 :UInt32;            # inode number
}

struct Label {
  key @0 :Text;
  value @1 :Text;
}

struct Container {
  ref @0 :ContainerRef;
  source @1 :Text;             # "cri", "cgroup", "pidns", "systemd" for a unit
  cgroupPath @2 :Text;         # below the cgroup v2 mount; empty where it has none
  cgroupId @3 :UInt64;         # 0: none
  traces @4 :List(Text);       # that match it
  phase @5 :Text;              # "Running", ...
  mountns @6 :UInt32;          # inode number, of its first process; 0: not known
}

struct StatsFilter {
  # What is empty is met by everything.
  namespace @0 :Text;          # globs
  pod @1 :Text;
  container @2 :Text;
  syscalls @3 :List(Text);     # as in TraceSpec
}

struct Stats {
  clock @0 :UInt64;            # ns since boot: when this was read
  containers @1 :List(ContainerName);  # that made the calls
  rows @2 :List(Row);          # in the order of containers, calls and errors
  callsWithoutCell @3 :UInt64; # calls that are in no row: there was no room left for one
  callsUncounted @4 :UInt64;   # calls that could not be timed, for want of memory
  cells @5 :UInt32;            # room in the kernel for so many rows
  cellsUsed @6 :UInt32;

  struct Row {
    container @0 :UInt32;      # index in containers
    call @1 :Text;             # "openat"
    class @2 :Text;
    group @3 :Text;
    error @4 :Text;            # "OK", an errno's name, or "KILLED": the thread ended in the call
    count @5 :UInt64;
    time @6 :UInt64;           # ns, of all together
    buckets @7 :List(UInt64);  # calls by their time: the first is of those below 512 ns, each
                               # following one ends at twice the time, the 26th has the rest.
                               # Trailing zeroes are left out
  }
}

struct Status {
  version @0 :Text;
  uptime @1 :UInt64;           # ns
  kernel @2 :Text;             # uname -r
  arch @3 :Text;
  parts @4 :List(Part);        # probe, processes, newcomers, journal, metrics, http, cri, proc,
                               # traces, config
  traces @5 :UInt32;
  containers @6 :UInt32;
  rules @7 :UInt32;            # (scope, call) pairs in the kernel
  attached @8 :Bool;           # whether the hooks are on system calls
  ring @9 :Ring;
  losses @10 :List(Counter);   # the loss ledger of the daemon as a whole, each cause by name
  clients @11 :UInt32;

  struct Part {
    name @0 :Text;
    ok @1 :Bool;
    detail @2 :Text;           # one line: what it does, or why it can't and what to do
  }

  struct Ring {
    bytes @0 :UInt64;
    records @1 :UInt64;        # read since start
    full @2 :UInt64;           # records that found no room
  }

  struct Counter {
    name @0 :Text;
    value @1 :UInt64;
    help @2 :Text;
  }
}

struct Syscall {
  name @0 :Text;
  class @1 :Text;
  group @2 :Text;
  numbers @3 :List(Number);
  args @4 :List(Arg);

  struct Number {
    arch @0 :Text;
    value @1 :UInt32;
  }

  struct Arg {
    name @0 :Text;
    type @1 :Text;
    kind @2 :Text;
  }
}
