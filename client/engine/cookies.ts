/** The cookies that the server set. Browsers keep them themselves and never show them. */
export class Cookies {
  readonly #values = new Map<string, string>();

  /** The header that sends them back, if there are any. */
  get headers(): { cookie: string } | undefined {
    const cookie = [...this.#values].map((pair) => pair.join("=")).join("; ");
    return cookie ? { cookie } : undefined;
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
