/**
 * How many sessions there are from each address, where that is limited. Of an IPv6 address its
 * network counts, the first 64 bits: the rest is for whoever has that network to choose.
 */
export class Addresses {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  /** Takes the most sessions that there may be from one address; `Infinity` for no limit. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Whether there may be no more sessions from an address. An unknown one, `""`, is never full. */
  isFull(peer: { readonly remoteAddress: string }): boolean {
    // To ask for the address is a call into the runtime: not where nobody wants to know it.
    if (this.#max === Infinity) return false;
    return (this.#counts.get(networkOf(peer.remoteAddress)) ?? 0) >= this.#max;
  }

  /** Counts a session. */
  add(address: string): void {
    if (this.#max === Infinity || address === "") return;
    const network = networkOf(address);
    this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1);
  }

  /** Counts a session no longer that was counted. */
  delete(address: string): void {
    if (this.#counts.size === 0) return;
    const network = networkOf(address);
    const count = this.#counts.get(network) ?? 0;
    if (count > 1) this.#counts.set(network, count - 1);
    else this.#counts.delete(network);
  }
}

const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED = "::ffff:";

function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  // An IPv4 address, as a socket tells it that takes both.
  if (address.startsWith(MAPPED) && address.includes(".")) return address.slice(MAPPED.length);
  const [left = [], right = []] = address.split("::").map((part) => part.split(":"));
  const zeros = Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].slice(0, NETWORK_GROUPS)
    .map((group) => (parseInt(group, 16) || 0).toString(16)).join(":");
}
