/** Eight random bytes in hexadecimal digits. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
