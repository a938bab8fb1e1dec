import { checkPrefix, subjectOf } from "../../../../server/adapter/nats/subject.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

describe("subjectOf", () => {
  const cases: [nsp: string, token: string][] = [
    ["/", "=2F"],
    ["/chat", "=2Fchat"],
    ["/A-b_9", "=2FA-b_9"],
    ["/a.b", "=2Fa=2Eb"],
    ["/a b", "=2Fa=20b"],
    ["/*", "=2F=2A"],
    ["/>", "=2F=3E"],
    ["/=2F", "=2F=3D2F"],
    ["/é🦦", "=2F=C3=A9=F0=9F=A6=A6"],
    ["/\r\n\0", "=2F=0D=0A=00"],
    ["/" + "x".repeat(197), "=2F" + "x".repeat(197)],
    ["/" + "x".repeat(198), "=2F" + "x".repeat(197) + "=="],
    ["/" + " ".repeat(1000), "=2F" + "=20".repeat(65) + "=2" + "=="],
  ];
  for (const [nsp, token] of cases) {
    it(`writes ${JSON.stringify(nsp.slice(0, 20))} as ${token.slice(0, 30)}`, () => {
      assert.equal(subjectOf("a.b", nsp), `a.b.${token}`);
    });
  }
});

describe("checkPrefix()", () => {
  it("takes subjects", () => {
    for (const prefix of ["socket.io", "a", "a-b_c.d", "ü"]) checkPrefix(prefix);
  });

  it("throws for what is no subject", () => {
    for (
      const prefix of ["", ".", "a.", ".a", "a..b", "a b", "a.*", ">", "a\n", "x".repeat(1001)]
    ) {
      assert.throws(() => checkPrefix(prefix), { name: "TypeError", message: /no subject/ });
    }
  });
});
