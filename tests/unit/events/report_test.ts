import { reportListenerError } from "../../../events/mod.ts";
import { assert, describe, it, mock } from "../../harness/mod.ts";

describe("reportListenerError()", () => {
  it("names the event and, as far as known, the socket and the namespace", () => {
    const written = mock.method(console, "error", () => {});
    try {
      const error = new Error("no");
      reportListenerError(error, { event: "a" });
      reportListenerError(error, { event: "a\n", socket: "s1", namespace: "/chat" });
      assert.deepEqual(written.mock.calls.map((call) => call.arguments), [
        ['Error in a listener of "a":', error],
        ['Error in a listener of "a\\n" of socket "s1" in namespace "/chat":', error],
      ]);
    } finally {
      written.mock.restore();
    }
  });
});
