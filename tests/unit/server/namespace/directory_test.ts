import { assert, describe, it } from "../../../harness/mod.ts";
import { type FakeLink, FakeServer } from "./fakes.ts";

/** Lets promises that are settled already take their turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

describe("namespaces made for clients", () => {
  /** Enters namespaces and leaves them again. */
  async function visit(link: FakeLink, from: number, to: number): Promise<void> {
    for (let i = from; i < to; i++) {
      link.receive(`0/n-${i},`);
      await turns();
      link.receive(`1/n-${i}`);
    }
  }

  it("stay when they are empty, up to a number: then the one goes that has been so for longest", async () => {
    const server = new FakeServer(10);
    server.directory.of(/^\/n-\d+$/);
    const link = server.link();
    await visit(link, 0, 10);
    assert.equal(server.directory.namespaces.size, 10);
    await visit(link, 0, 1); // it was empty for longest, and is for shortest now
    await visit(link, 10, 12);
    const names = [...server.directory.namespaces.keys()];
    assert.deepEqual(names.sort(), [0, 10, 11, 3, 4, 5, 6, 7, 8, 9].map((i) => `/n-${i}`));
    assert.deepEqual(link.closed, []);
  });

  it("are not removed as long as somebody is in, nor if the program made them by name", async () => {
    const server = new FakeServer(5);
    const parent = server.directory.of(/^\/n-\d+$/);
    const heard: string[] = [];
    parent.on("connection", (socket) => void heard.push(socket.nsp.name));
    const [one, other] = [server.link(), server.link()];
    const known = server.directory.of("/n-0");
    await visit(one, 0, 5);
    other.receive("0/n-1,");
    await visit(one, 5, 100);
    assert.equal(server.directory.of("/n-0"), known);
    assert.equal(server.directory.namespaces.get("/n-1")?.sockets.size, 1);
    assert.equal(server.directory.namespaces.size, 7);
    other.take();
    parent.emit("all");
    assert.deepEqual(other.take(), ['2/n-1,["all"]']);
    other.receive("1/n-1");
    await visit(one, 100, 105);
    assert.equal(server.directory.namespaces.size, 6);
    assert.equal(heard.length, 5 + 1 + 95 + 5);
  });

  it("do not stay because a listener asks for the namespace of its client by name", async () => {
    const server = new FakeServer(5);
    const parent = server.directory.of(/^\/n-\d+$/);
    parent.on("connection", ({ nsp }) => void server.directory.of(nsp.name).emit("welcome"));
    const link = server.link();
    await visit(link, 0, 100);
    assert.equal(server.directory.namespaces.size, 5);
  });
});
