/** `deno task bench:growth`: how cost and memory grow with rooms and clients, on both runtimes. */
import process from "node:process";
import { onBoth, save } from "../both.ts";
import { table } from "../table.ts";
import type { Finding } from "./finding.ts";

const found = onBoth<Finding[]>("growth/measure.ts");
save("growth.json", found);

for (const [index, { title, head, expected }] of found.Bun.entries()) {
  const rows = Object.entries(found).flatMap(([runtime, findings]) =>
    (findings[index]?.rows ?? []).map((row) => [
      runtime,
      ...row.map((value) => value.toLocaleString("en-US")),
    ])
  );
  console.log(`### ${title}\n\n${table(["runtime", ...head], rows)}\n`);
  for (const [runtime, findings] of Object.entries(found)) {
    console.log(`${runtime}: ${expected}: ${findings[index]?.holds ? "holds" : "DOES NOT HOLD"}`);
  }
  console.log();
}

const broken = Object.values(found).flat().filter(({ holds }) => !holds);
process.exit(broken.length === 0 ? 0 : 1);
