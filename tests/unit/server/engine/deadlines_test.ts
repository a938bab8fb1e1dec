import { assert, describe, it } from "../../../harness/mod.ts";
import { Deadlines } from "../../../../server/engine/deadlines.ts";
import { Heartbeat } from "../../../../server/engine/heartbeat.ts";
import { FakeClock } from "./fake_clock.ts";

function list(duration: number) {
  const clock = new FakeClock();
  const expired: string[] = [];
  const deadlines = new Deadlines<string>(duration, (item) => expired.push(item), clock);
  return { clock, expired, deadlines };
}

describe("Deadlines", () => {
  it("expires each item its duration after it was added, in order", () => {
    const { clock, expired, deadlines } = list(200);
    deadlines.add("a");
    clock.pass(100);
    deadlines.add("b");
    clock.pass(99);
    assert.deepEqual(expired, []);
    clock.pass(1);
    assert.deepEqual(expired, ["a"]);
    clock.pass(100);
    assert.deepEqual(expired, ["a", "b"]);
  });

  it("has one timer, and none when nothing waits", () => {
    const { clock, deadlines } = list(200);
    for (let i = 0; i < 100; i++) deadlines.add(String(i));
    assert.equal(clock.running, 1);
    clock.pass(200);
    assert.equal(clock.running, 0);
    assert.equal(deadlines.size, 0);
  });

  it("starts an item again that is added again", () => {
    const { clock, expired, deadlines } = list(200);
    deadlines.add("a");
    clock.pass(150);
    deadlines.add("a");
    clock.pass(150);
    assert.deepEqual(expired, []);
    clock.pass(50);
    assert.deepEqual(expired, ["a"]);
  });

  it("forgets what is deleted and what is cleared", () => {
    const { clock, expired, deadlines } = list(200);
    deadlines.add("a");
    deadlines.add("b");
    assert.equal(deadlines.delete("a"), true);
    assert.equal(deadlines.delete("a"), false);
    deadlines.clear();
    assert.equal(clock.running, 0);
    clock.pass(1000);
    assert.deepEqual(expired, []);
  });

  it("goes on with items that are added while others expire", () => {
    const clock = new FakeClock();
    let rounds = 0;
    const deadlines = new Deadlines<string>(
      100,
      (item) => ++rounds < 3 && deadlines.add(item),
      clock,
    );
    deadlines.add("a");
    clock.pass(1000);
    assert.equal(rounds, 3);
    assert.equal(clock.running, 0);
  });

  it("waits longer than a timer of the runtime can", () => {
    const { clock, expired, deadlines } = list(2 ** 33);
    deadlines.add("a");
    clock.pass(2 ** 33 - 1);
    assert.deepEqual(expired, []);
    clock.pass(1 + 250);
    assert.deepEqual(expired, ["a"]);
    assert.equal(clock.running, 0);
  });

  it("waits for ever", () => {
    const { clock, expired, deadlines } = list(Infinity);
    deadlines.add("a");
    clock.pass(2 ** 40);
    assert.deepEqual([expired, clock.running], [[], 1]);
    deadlines.clear();
  });

  it("serves items that are due at about the same time with one call of the timer", () => {
    const { clock, expired, deadlines } = list(25_000);
    deadlines.add("a");
    clock.pass(200);
    deadlines.add("b");
    clock.pass(24_999);
    assert.deepEqual(expired, []);
    clock.pass(51);
    assert.deepEqual(expired, ["a", "b"]);
  });
});

class Client {
  readonly log: string[] = [];
  ping(): void {
    this.log.push("ping");
  }
  pingTimeout(): void {
    this.log.push("timeout");
  }
}

describe("Heartbeat", () => {
  const start = () => {
    const clock = new FakeClock();
    return { clock, heartbeat: new Heartbeat(300, 200, clock), client: new Client() };
  };

  it("pings after the interval and gives up after the timeout", () => {
    const { clock, heartbeat, client } = start();
    heartbeat.alive(client);
    clock.pass(299);
    assert.deepEqual(client.log, []);
    clock.pass(1);
    assert.deepEqual(client.log, ["ping"]);
    clock.pass(199);
    assert.deepEqual(client.log, ["ping"]);
    clock.pass(1);
    assert.deepEqual(client.log, ["ping", "timeout"]);
    assert.equal(heartbeat.size, 0);
  });

  it("counts the next interval from the pong", () => {
    const { clock, heartbeat, client } = start();
    heartbeat.alive(client);
    clock.pass(400);
    heartbeat.alive(client);
    clock.pass(299);
    assert.deepEqual(client.log, ["ping"]);
    clock.pass(1);
    assert.deepEqual(client.log, ["ping", "ping"]);
  });

  it("waits for the pings of old clients", () => {
    const { clock, heartbeat, client } = start();
    heartbeat.heard(client);
    clock.pass(499);
    heartbeat.heard(client);
    clock.pass(499);
    assert.deepEqual(client.log, []);
    clock.pass(1);
    assert.deepEqual(client.log, ["timeout"]);
  });

  it("keeps nothing of a session that ended, in whatever state", () => {
    const { clock, heartbeat } = start();
    const [idle, asked, passive] = [new Client(), new Client(), new Client()];
    heartbeat.alive(asked);
    heartbeat.heard(passive);
    clock.pass(300);
    heartbeat.alive(idle);
    assert.equal(heartbeat.size, 3);
    for (const client of [idle, asked, passive]) heartbeat.delete(client);
    assert.equal(heartbeat.size, 0);
    clock.pass(5000);
    assert.deepEqual([idle.log, asked.log, passive.log], [[], ["ping"], []]);
  });
});
