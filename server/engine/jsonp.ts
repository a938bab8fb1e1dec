import { ParseError } from "../../parser/engine/mod.ts";

/** The script that hands a body to a JSONP client, by the number of its callback. */
export function encodeCall(callback: string, body: string): string {
  // Digits only: whatever else the parameter holds must not become part of a script.
  const index = callback.replace(/\D/g, "");
  // These two end a line in a script, but not in JSON.
  const text = JSON.stringify(body).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  return `___eio[${index}](${text});`;
}

/**
 * The body in the form that a JSONP client posts. Forms change line breaks on their way, so that
 * the client writes one as `\n`, and a `\n` that was there before as `\\n`.
 *
 * @throws {ParseError} if the form has no field `d`.
 */
export function decodeForm(form: string): string {
  const data = new URLSearchParams(form).get("d");
  if (data === null) throw new ParseError('Cannot decode form: there is no field "d"');
  return data.replace(/(\\)?\\n/g, (_, escaped) => escaped === undefined ? "\n" : "\\n");
}
