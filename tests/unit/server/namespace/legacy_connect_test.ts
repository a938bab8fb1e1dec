import { type Packet, PacketType } from "../../../../parser/mod.ts";
import { legacyPacket } from "../../../../server/namespace/legacy_connect.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

const connect = (nsp: string, data?: unknown): Packet => ({ type: PacketType.Connect, nsp, data });

describe("what a client of protocol 3 asks for", () => {
  it("is a namespace, with a query as its credentials", () => {
    assert.deepEqual(legacyPacket(connect("/a?b=c&d=e?f")), connect("/a", { b: "c", d: "e?f" }));
    assert.deepEqual(legacyPacket(connect("/a?b=c", { b: "d" })), connect("/a", { b: "d" }));
  });

  it("is left as it is without a query, and if it is no namespace", () => {
    const event: Packet = { type: PacketType.Event, nsp: "/a?b", data: ["e"] };
    for (const packet of [connect("/a"), event]) assert.equal(legacyPacket(packet), packet);
  });

  it("is refused with a query that is too long", () => {
    const long = connect(`/a?${"b&".repeat(8192)}`);
    assert.throws(() => legacyPacket(long), { name: "ParseError", message: /query .* too long/ });
    assert.equal(legacyPacket(connect(`/a?b=${"c".repeat(16_000)}`)).nsp, "/a");
  });

  it("pollutes nothing", () => {
    const { data } = legacyPacket(connect("/a?__proto__=x&constructor=y")) as { data?: unknown };
    assert.deepEqual(Object.entries(data as object), [["__proto__", "x"], ["constructor", "y"]]);
    assert.equal(Object.getPrototypeOf(data), Object.prototype);
  });
});
