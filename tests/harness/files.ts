import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The root of the project, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The text of a file, named from the root of the project. */
export function readProjectFile(path: string): string {
  return readFileSync(ROOT + path, "utf8");
}

/** The files below a folder of the project whose names end like this, named from the root. */
export function projectFiles(folder: string, end: string): string[] {
  return readdirSync(ROOT + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** The folders in which commands are looked for. */
const PATH: readonly string[] = (process.env["PATH"] ?? "").split(delimiter);

/** Where the first program is that has one of these names, on the path or in further folders. */
export function findProgram(
  names: readonly string[],
  folders: readonly string[] = [],
): string | undefined {
  return [...PATH, ...folders].flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isProgram);
}

/** Whether there is a program at a path. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
