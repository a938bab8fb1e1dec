import { ACK_TIMEOUT_MESSAGE } from "../../events/mod.ts";
import type { Adapter, Target } from "../adapter/mod.ts";
import type { EventPacket } from "../../parser/mod.ts";

/** Takes the answers of all, or the error together with those that came. */
export type AnswersCallback = (error: Error | null, responses: unknown) => void;

/** The error of a broadcast that not everyone answered in time, or before they left. */
export class BroadcastTimeoutError extends Error {
  /** `BroadcastTimeoutError`. */
  override readonly name = "BroadcastTimeoutError";
  /** The answers that did come. */
  readonly responses: readonly unknown[];

  /** Takes the answers that did come. */
  constructor(responses: readonly unknown[]) {
    super(ACK_TIMEOUT_MESSAGE);
    this.responses = responses;
  }
}

/**
 * Sends an event to a target and collects the answers. Everyone has answered once each server of
 * the cluster has told how many sockets it asked, and as many answers are there.
 */
export function collectAnswers(
  adapter: Adapter,
  packet: EventPacket,
  target: Target,
  callback: AnswersCallback,
): void {
  const { timeout, expectSingleResponse, local } = target.flags ?? {};
  const responses: unknown[] = [];
  let servers: number | undefined = local ? 1 : undefined;
  let serversHeard = 0;
  let clients = 0;
  let lost = 0;
  let settled = false;
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const settle = (error: Error | null) => {
    settled = true;
    clearTimeout(timer);
    stop();
    callback(error, expectSingleResponse ? responses[0] : responses);
  };
  const check = () => {
    // One that came meanwhile has perhaps heard it, too.
    if (settled || servers === undefined || serversHeard < servers) return;
    if (responses.length + lost !== clients) return;
    // With a timeout, who has left is one who did not answer, and need not be waited for.
    settle(lost > 0 && timeout !== undefined ? new BroadcastTimeoutError(responses) : null);
  };

  try {
    stop = adapter.broadcastWithAck(packet, target, (count) => {
      if (count < 0) lost -= count;
      else {
        serversHeard++;
        clients += count;
      }
      check();
    }, (response) => {
      responses.push(response[0]);
      check();
    });
  } catch (error) {
    // Whoever is told now must not be told again.
    settled = true;
    throw error;
  }
  if (timeout !== undefined && !settled) {
    timer = setTimeout(() => settle(new BroadcastTimeoutError(responses)), timeout);
  }
  if (servers !== undefined) return check();
  const count = adapter.serverCount();
  const counted = (count: number) => {
    servers = count;
    check();
  };
  if (typeof count === "number") counted(count);
  else {
    count.then(counted, (error) => {
      // With a timeout, that answers where the cluster does not.
      if (timeout === undefined && !settled) settle(Object.assign(error, { responses }));
    });
  }
}
