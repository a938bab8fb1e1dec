import { MAX_CHANNEL_BYTES } from "./options.ts";

/**
 * The name of the channel of a namespace.
 *
 * `LISTEN` cuts off what is too long, and `pg_notify` refuses it, so npm servers only listen to such a
 * namespace. The same is cut off here, and so all servers hear each other. Namespaces that share a
 * channel by that are told apart by their messages.
 */
export function channelName(prefix: string, namespace: string): string {
  const name = `${prefix}#${namespace}`.toWellFormed();
  const { read } = new TextEncoder().encodeInto(name, new Uint8Array(MAX_CHANNEL_BYTES));
  return name.slice(0, read);
}
