import type { Frame } from "./packet.ts";
import { encodePayload } from "./payload.ts";

/** How a message is to travel. */
export interface SendOptions {
  /** Drop it unless the transport can take it right now. */
  readonly volatile?: boolean;
  /** Whether a transport that can compress may do so; it may by default. */
  readonly compress?: boolean;
}

/**
 * One packet of the layer above, encoded once for all who receive it: the frames, each with its
 * Engine.IO prefix, that MUST be sent one right behind the other.
 *
 * @example
 * ```ts
 * import { Message } from "@sockeye/io/parser/engine";
 * import { equal } from "node:assert/strict";
 *
 * const message = new Message(['451-["b",{"_placeholder":true,"num":0}]', new Uint8Array([1, 2])]);
 * equal(message.payload, '451-["b",{"_placeholder":true,"num":0}]\x1ebAQI=');
 * ```
 */
export class Message {
  #frames: readonly Frame[];
  #payload: string | undefined;
  #ready: Promise<void> | undefined;

  /** Takes the frames in the order in which they travel. */
  constructor(frames: readonly Frame[]) {
    this.#frames = frames;
  }

  /** Plain text as one message packet, for programs that speak Engine.IO only. */
  static text(data: string): Message {
    return new Message(["4" + data]);
  }

  /**
   * A message whose frames are still being read, from a `Blob` for instance. It keeps its place in
   * the queue of whoever sends it. If reading fails it holds no frame, and `onError` is told why.
   */
  static deferred<Kind extends Message>(
    this: new (frames: readonly Frame[]) => Kind,
    frames: Promise<readonly Frame[]>,
    onError: (error: unknown) => void,
  ): Kind {
    const message = new this([]);
    message.#ready = frames.then((frames) => {
      message.#frames = frames;
    }, onError).finally(() => {
      message.#ready = undefined;
    });
    return message;
  }

  /** Settles once the frames are there; `undefined` when they already are. Never rejects. */
  get ready(): Promise<void> | undefined {
    return this.#ready;
  }

  /** The frames, with the Engine.IO prefix. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** The same frames in the form of a long-polling body, made at first use and kept. */
  get payload(): string {
    return this.#payload ??= encodePayload(this.#frames);
  }
}

/** Nothing, which takes its time: what is sent behind it waits, and it is not the peer that is slow. */
export class Pause extends Message {
  #end: (() => void) | undefined;

  /** A pause of so many milliseconds. */
  static of(duration: number): Pause {
    const { promise, resolve } = Promise.withResolvers<readonly Frame[]>();
    const timer = setTimeout(resolve, duration, []);
    const pause = Pause.deferred(promise, () => {});
    pause.#end = () => {
      clearTimeout(timer);
      resolve([]);
    };
    return pause;
  }

  /** Ends it before its time: nobody waits any more. */
  end(): void {
    this.#end?.();
  }
}
