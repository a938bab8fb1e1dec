/** `deno task bench:micro`: the parts of the server alone, on both runtimes. */
import { onBoth, save } from "../both.ts";
import { table } from "../table.ts";
import type { Timing } from "./timing.ts";

const found = onBoth<Timing[]>("micro/measure.ts");
save("micro.json", found);
const rows = found.Bun.map(({ name, ns }, index) => [
  name,
  ns.toLocaleString("en-US"),
  found.Deno[index]?.ns.toLocaleString("en-US") ?? "",
]);
console.log(table(["nanoseconds", "Bun", "Deno"], rows));
