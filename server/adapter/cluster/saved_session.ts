import type { Room, Session, SocketId } from "../mod.ts";
import { unreadable } from "./error.ts";
import { isObject } from "./wire.ts";

/** A session as it is kept for all servers. Those of npm have none of the optional fields. */
export interface SavedSession {
  readonly sid: SocketId;
  readonly pid: string;
  readonly rooms: readonly Room[];
  readonly data: unknown;
  /** The name of the namespace. */
  readonly nsp?: string;
  /** The credentials of the client. */
  readonly auth?: unknown;
  /** The offset of the last message before the session began. */
  readonly since?: string;
  /** The offset of the last message before the client was lost. */
  readonly lostAt?: string;
}

/** What is kept of a session. */
export function toSaved(
  nsp: string,
  { sid, pid, rooms, data, auth }: Session,
  since: string | undefined,
  lostAt: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    ...{ sid, pid, nsp, rooms: [...rooms], data },
    ...(auth === undefined ? {} : { auth }),
    ...(since === undefined ? {} : { since }),
    ...(lostAt === undefined ? {} : { lostAt }),
  };
}

/**
 * Reads a session that was kept under a private id.
 *
 * @throws {ClusterError} if no server would have kept it.
 */
export function readSaved(value: unknown, pid: string): SavedSession {
  if (!isObject(value)) throw unreadable("a session has no fields");
  const { sid, nsp, rooms, data, since, lostAt } = value;
  if (typeof sid !== "string" || sid === "") throw unreadable("a session has no id");
  if (value["pid"] !== pid) throw unreadable("a session has another private id");
  if (!Array.isArray(rooms) || !rooms.every((room) => typeof room === "string")) {
    throw unreadable("the rooms of a session are no list of names");
  }
  return {
    ...{ sid, pid, rooms, data },
    ...(typeof nsp === "string" ? { nsp } : {}),
    ...("auth" in value ? { auth: value["auth"] } : {}),
    ...(typeof since === "string" ? { since } : {}),
    ...(typeof lostAt === "string" ? { lostAt } : {}),
  };
}
