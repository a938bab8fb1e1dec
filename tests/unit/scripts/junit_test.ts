import { assert, describe, it } from "../../harness/mod.ts";

import { count, readResults } from "../../../scripts/junit.mjs";

const DENO = `<testsuites name="deno test" tests="5" failures="3">
  <testsuite name="./a_test.ts">
    <testcase name="A" classname="./a_test.ts">
      <failure message="1 test step failed">1 test step failed.</failure>
    </testcase>
    <testcase name="B" classname="./a_test.ts">
      <failure message="Leaks detected">Leaks detected: a timer was not cleared</failure>
    </testcase>
    <testcase name="alone" classname="./a_test.ts"><skipped/></testcase>
  </testsuite>
  <testsuite name="ext:deno_node/testing.ts">
    <testcase name="A &gt; one" classname="ext:deno_node/testing.ts"></testcase>
    <testcase name="A &gt; &quot;two&quot;"><failure message="no">AssertionError: 1 &lt; 2</failure></testcase>
    <testcase name="B &gt; three"></testcase>
  </testsuite>
</testsuites>`;

const BUN = `<testsuites name="bun test" tests="4" failures="1" skipped="1">
  <testsuite name="a_test.ts" file="a_test.ts">
    <testsuite name="A" file="a_test.ts">
      <testcase name="one" classname="A" file="a_test.ts" assertions="0" />
      <testcase name="two" classname="A" file="a_test.ts"><failure type="AssertionError">no</failure></testcase>
      <testcase name="three" classname="inner &gt; A" file="a_test.ts"><skipped /></testcase>
    </testsuite>
    <testcase name="alone" classname="" file="a_test.ts" />
  </testsuite>
</testsuites>`;

describe("readResults()", () => {
  it("counts the tests of Deno and not their groups, unless a group leaks", () => {
    assert.deepEqual(
      readResults(DENO).map(({ name, outcome }: Record<string, string>) => [name, outcome]),
      [
        ["B", "failed"],
        ["alone", "skipped"],
        ["A > one", "passed"],
        ['A > "two"', "failed"],
        ["B > three", "passed"],
      ],
    );
    assert.deepEqual(count(readResults(DENO)), { passed: 2, failed: 2, skipped: 1 });
  });

  it("names the tests of Bun from the outside in", () => {
    assert.deepEqual(
      readResults(BUN).map(({ name, outcome }: Record<string, string>) => [name, outcome]),
      [
        ["a_test.ts > A > one", "passed"],
        ["a_test.ts > A > two", "failed"],
        ["a_test.ts > A > inner > three", "skipped"],
        ["a_test.ts > alone", "passed"],
      ],
    );
  });
});
