import { LocalAdapter } from "../../../../server/adapter/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { FakeServer } from "./fakes.ts";

/** When a timer that was set before has fired: those of one delay fire in their order. */
function timersFired(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

const never = () => assert.fail("it threw already");

describe("a broadcast with an acknowledgement whose servers cannot be counted", () => {
  class UncountedAdapter extends LocalAdapter {
    override serverCount(): Promise<number> {
      return Promise.reject(new Error("the broker is away"));
    }
  }

  it("is told of that, with what came", async () => {
    const server = new FakeServer(Infinity, (scope) => new UncountedAdapter(scope));
    await assert.rejects(
      server.directory.of("/").emitWithAck("ask"),
      ({ message, responses }: Error & { responses: unknown }) => {
        assert.equal(message, "the broker is away");
        assert.deepEqual(responses, []);
        return true;
      },
    );
  });

  it("is told of its timeout, if it has one", async () => {
    const server = new FakeServer(Infinity, (scope) => new UncountedAdapter(scope));
    const asked = server.directory.of("/").timeout(1).emitWithAck("ask");
    await assert.rejects(asked, { message: "operation has timed out" });
  });
});

describe("a broadcast with an acknowledgement that throws", () => {
  it("does not call back when the time is over", async () => {
    const server = new FakeServer();
    const parent = server.directory.of(/^\/room/);
    assert.throws(() => parent.timeout(1).emit("ask", never), /acknowledgements/);
    await timersFired();
    assert.deepEqual(server.reported, []);
  });

  it("does not call back when its clients leave", () => {
    const server = new FakeServer();
    const { sockets, local } = server.directory.of("/");
    server.joined();
    assert.equal(sockets.size, 1);
    assert.throws(() => local.emit("ask", 1n, never), TypeError);
    for (const socket of sockets.values()) socket.disconnect();
    assert.equal(sockets.size, 0);
    assert.deepEqual(server.reported, []);
  });

  it("does not call back when an adapter hands over answers all the same", () => {
    let answer = (_: readonly unknown[]) => {};
    class FailingAdapter extends LocalAdapter {
      override broadcastWithAck(
        ...[, , clientCount, ack]: Parameters<LocalAdapter["broadcastWithAck"]>
      ): never {
        answer = ack;
        clientCount(1);
        throw new Error("no way out");
      }
    }
    const server = new FakeServer(Infinity, (scope) => new FailingAdapter(scope));
    assert.throws(() => server.directory.of("/").local.emit("ask", never), /no way out/);
    answer(["late"]);
    assert.deepEqual(server.reported, []);
  });
});
