/** What is measured. */

/** One kind of load. */
export interface Scenario {
  /** Its name on the command line. */
  readonly name: string;
  /** What it is, in words. */
  readonly about: string;
  /** What one operation is. */
  readonly operation: string;
  /** The part of the load generator that makes it. */
  readonly load: string;
  /** How many clients there are. */
  readonly clients: number;
  /** How much each of them, or the one that publishes, has under way. */
  readonly inFlight: number;
}

/** All scenarios, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "echo",
    about: "100 clients, each sends an event and waits for it to come back",
    operation: "echo",
    load: "echo",
    clients: 100,
    inFlight: 1,
  },
  {
    name: "echo-burst",
    about: "the same with 8 events of each client under way",
    operation: "echo",
    load: "echo",
    clients: 100,
    inFlight: 8,
  },
  {
    name: "ack",
    about: "100 clients, each sends an event and waits for the acknowledgement",
    operation: "acknowledgement",
    load: "ack",
    clients: 100,
    inFlight: 1,
  },
  {
    name: "broadcast",
    about: "an event to all of 1,000 clients, two under way",
    operation: "delivery",
    load: "broadcast",
    clients: 1000,
    inFlight: 2,
  },
  {
    name: "rooms",
    about: "1,000 clients in 100 rooms, each speaks to the other nine of its room",
    operation: "delivery",
    load: "rooms",
    clients: 1000,
    inFlight: 1,
  },
  {
    name: "polling",
    about: "100 clients on long polling, each POSTs an event that comes back with a GET",
    operation: "echo",
    load: "polling",
    clients: 100,
    inFlight: 1,
  },
  {
    name: "connect",
    about: "10,000 clients connect, 64 at a time, and then do nothing",
    operation: "handshake",
    load: "idle",
    clients: 10_000,
    inFlight: 1,
  },
];
