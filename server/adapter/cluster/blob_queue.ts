import { mayHoldBinary } from "../../../parser/mod.ts";
import { holdsBlob, MAX_DEPTH, withoutBlobs } from "./blobs.ts";

/** Sends at once, but for what holds a `Blob`, which has to be read, and what comes behind it. */
export class BlobQueue {
  // Set while a Blob is read that is to be sent: the last of what waits for it.
  #reading: Promise<unknown> | undefined;

  /** Resolves once nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#reading !== undefined) await this.#reading.catch(() => {});
  }

  /**
   * Has data sent, in order.
   *
   * @param send gets the data, and whether it may hold bytes.
   * @throws {TypeError} if the data is nested too deep; and what `send` throws at once.
   */
  send<Data>(
    data: Data,
    send: (data: Data, binary: boolean) => void | Promise<unknown>,
  ): void | Promise<unknown> {
    const binary = mayHoldBinary([data], MAX_DEPTH);
    const blobs = binary && holdsBlob(data);
    if (!blobs && this.#reading === undefined) return send(data, binary);
    const whole = blobs ? withoutBlobs(data) as Promise<Data> : data;
    const sent = Promise.all([whole, this.#reading?.catch(() => {})])
      .then(([data]) => send(data, binary));
    this.#reading = sent;
    return sent.finally(() => {
      if (this.#reading === sent) this.#reading = undefined;
    });
  }
}
