/** The cookies that the server set. Browsers keep them themselves and never show them. */
export class Cookies {
  readonly #values = new Map<string, string>();

  /** Headers with the cookies to send back, in front of those that the program sends itself. */
  addTo(given: Record<string, string> | undefined): Record<string, string> | undefined {
    const cookies = [...this.#values].map((pair) => pair.join("=")).join("; ");
    if (!cookies) return given;
    // In whatever case the name is written. `Headers` would throw if another name is none.
    let own = "cookie";
    for (const name in given) if (/^cookie$/i.test(name)) own = name;
    return { ...given, [own]: given?.[own] ? cookies + "; " + given[own] : cookies };
  }

  /** Takes what an answer sets. */
  keep(answer: Headers): void {
    for (const cookie of answer.getSetCookie?.() ?? []) {
      const [, name = "", value = "", rest = ""] = /^([^=]*)=([^;]*)(.*)/.exec(cookie) ?? [];
      const expires = /; *expires=([^;]*)/i.exec(rest)?.[1];
      if (/; *max-age=(0|-)/i.test(rest) || Date.parse(expires ?? "") < Date.now()) {
        this.#values.delete(name);
      } else this.#values.set(name, value);
    }
  }
}
