import { encodeStandardValue } from "../../../parser/msgpack/mod.ts";

/** Knows the id of what this server has recorded last. */
export class RecordEnd {
  #id: string | undefined;
  // Resolves to the id, as soon as it is known again and all that waited for it is done.
  #known: Promise<string | undefined> | undefined;

  /** Takes what resolves to the next id. */
  record(appended: Promise<unknown>): void {
    const before = this.#known ?? Promise.resolve(this.#id);
    this.#await(before.then((id) => appended.then(String, () => id)));
  }

  /** Does something with the id of what is recorded by now, in turn: at once if it is known. */
  behind(work: (id: string | undefined) => Promise<unknown>): Promise<unknown> {
    const known = this.#known;
    if (known === undefined) return work(this.#id);
    const done = known.then(work);
    this.#await(known.then((id) => id));
    return done;
  }

  #await(known: Promise<string | undefined>): void {
    this.#known = known;
    known.then((id) => {
      if (this.#known !== known) return;
      this.#id = id;
      this.#known = undefined;
    });
  }
}

/**
 * Adds to a message in MessagePack behind which entry it was sent. Servers of npm do not look at that.
 *
 * @param message a map of less than 15 fields.
 */
export function withAfter(message: Uint8Array, id: string | undefined): Uint8Array {
  if (id === undefined) return message;
  const [name, value] = [encodeStandardValue("after"), encodeStandardValue(id)];
  const bytes = new Uint8Array(message.length + name.length + value.length);
  bytes.set(message);
  bytes.set(name, message.length);
  bytes.set(value, message.length + name.length);
  // The first byte is 0x80 and the number of fields.
  bytes[0] = Number(message[0]) + 1;
  return bytes;
}
