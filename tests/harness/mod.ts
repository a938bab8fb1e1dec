/** The one place that names the test runner, so that changing it is a change of this file. */
export { after, afterEach, before, beforeEach, describe, it, mock } from "node:test";
export { strict as assert } from "node:assert";
