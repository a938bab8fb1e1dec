import { Addresses } from "../../../../server/engine/addresses.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

describe("Addresses", () => {
  it("are full at their limit, each for itself, and free again", () => {
    const addresses = new Addresses(2);
    addresses.add("10.0.0.1");
    addresses.add("10.0.0.1");
    assert.deepEqual([
      addresses.isFull({ remoteAddress: "10.0.0.1" }),
      addresses.isFull({ remoteAddress: "10.0.0.2" }),
    ], [true, false]);
    addresses.delete("10.0.0.1");
    assert.equal(addresses.isFull({ remoteAddress: "10.0.0.1" }), false);
    addresses.delete("10.0.0.1");
    addresses.delete("10.0.0.1");
    addresses.add("10.0.0.1");
    assert.equal(addresses.isFull({ remoteAddress: "10.0.0.1" }), false);
  });

  const SAME: readonly (readonly [string, string, boolean])[] = [
    ["::ffff:10.0.0.1", "10.0.0.1", true],
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
    ["2001:db8:1:2::1", "2001:0db8:0001:0002::", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["2001:db8::1", "2001:db8:0:0:5::7", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["fe80::1%eth0", "fe80::2%eth1", true],
    ["::1", "10.0.0.1", false],
    ["10.0.0.1", "10.0.0.11", false],
  ];
  for (const [one, other, same] of SAME) {
    it(`${one} and ${other} are ${same ? "one" : "two"}`, () => {
      const addresses = new Addresses(1);
      addresses.add(one);
      assert.deepEqual([
        addresses.isFull({ remoteAddress: one }),
        addresses.isFull({ remoteAddress: other }),
      ], [true, same]);
    });
  }

  it("know no limit for an address that the runtime does not tell, nor where none is set", () => {
    const addresses = new Addresses(1);
    addresses.add("");
    addresses.add("");
    assert.equal(addresses.isFull({ remoteAddress: "" }), false);
    const free = new Addresses(Infinity);
    for (let i = 0; i < 10; i++) free.add("10.0.0.1");
    assert.equal(free.isFull({ remoteAddress: "10.0.0.1" }), false);
  });
});
