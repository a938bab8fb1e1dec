const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Whether a JSON text nests arrays and objects deeper than `max`. Most texts are cleared without
 * being read: each level takes two characters, and one of them is an opening bracket.
 */
export function isDeeperThan(json: string, max: number): boolean {
  if (json.length <= 2 * max) return false;
  const arrays = countUpTo(json, "[", max + 1);
  if (arrays <= max && arrays + countUpTo(json, "{", max + 1 - arrays) <= max) {
    return false;
  }
  return scan(json, max);
}

function countUpTo(text: string, character: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1 && count < limit; count++) {
    at = text.indexOf(character, at + 1);
  }
  return count;
}

function scan(json: string, max: number): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(json, i);
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > max) return true;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      depth--;
    }
  }
  return false;
}

/** The index of the quote that closes the string opened at `start`, or the end of the text. */
function endOfString(json: string, start: number): number {
  for (
    let end = json.indexOf('"', start + 1);
    end !== -1;
    end = json.indexOf('"', end + 1)
  ) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}
