import type { Token } from "./tokens.ts";

/** One import of a file: types, dynamic imports and re-exports are imports as well. */
export interface Import {
  /** What is imported as it stands in the source; `undefined` if it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** Whether it is gone when the program runs. */
  readonly isType: boolean;
}

/** The imports in the code of one file. */
export function importsOf(tokens: readonly Token[]): Import[] {
  const code = tokens.filter((token) => token.kind !== "comment");
  return code.flatMap(({ kind, text, line }, index): Import[] => {
    const next = code[index + 1];
    if (kind !== "name" || next === undefined || code[index - 1]?.text === ".") return [];
    if ((text === "from" || text === "import") && next.kind === "string") {
      return [{ specifier: next.text, line, isType: text === "from" && isOfTypes(code, index) }];
    }
    if (text !== "import" || next.text !== "(") return [];
    const name = code[index + 2];
    const specifier = name?.kind === "string" ? name.text : undefined;
    return [{ specifier, line, isType: false }];
  });
}

/** Whether the statement that has its `from` at an index is an `import type` or `export type`. */
function isOfTypes(code: readonly Token[], from: number): boolean {
  let start = from - 1;
  while (start > 0 && !/^(import|export)$/.test(code[start]!.text)) start--;
  return code[start + 1]?.text === "type" && /^[{*]$/.test(code[start + 2]?.text ?? "");
}

/** The file that a relative specifier names, as a path from the root of the project. */
export function resolveImport(file: string, specifier: string): string {
  return new URL(specifier, new URL(file, "file:///")).pathname.slice(1);
}

/** One way around for each knot of a graph: the nodes of the cycle, the first one repeated. */
export function findCycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    const start = path.indexOf(node);
    if (start >= 0) cycles.push([...path.slice(start), node]);
    if (start >= 0 || done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return cycles;
}
