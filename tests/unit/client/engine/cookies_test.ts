import { Cookies } from "../../../../client/engine/cookies.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

describe("the cookies of a connection", () => {
  it("stand in front of those of the program, which keeps its spelling and all other headers", () => {
    const cookies = new Cookies();
    const given = { "X-Own": "1", "no header": "2", Cookie: "own=1" };
    assert.equal(cookies.addTo(given), given);
    assert.equal(cookies.addTo(undefined), undefined);
    cookies.keep(new Headers({ "set-cookie": "place=a; Path=/" }));
    assert.deepEqual(cookies.addTo(given), { ...given, Cookie: "place=a; own=1" });
    assert.deepEqual(cookies.addTo({ COOKIE: "" }), { COOKIE: "place=a" });
    assert.deepEqual(cookies.addTo({ x: "1" }), { x: "1", cookie: "place=a" });
    assert.deepEqual(cookies.addTo(undefined), { cookie: "place=a" });
    assert.equal(given.Cookie, "own=1");
  });
});
