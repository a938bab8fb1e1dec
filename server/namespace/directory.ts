import type {
  Credentials,
  DefaultEventsMap,
  DefaultSocketData,
  EventsMap,
} from "../../events/mod.ts";
import { Namespace, type NamespaceContext } from "./namespace.ts";
import { ParentNamespace } from "./parent_namespace.ts";

/**
 * Decides whether clients may ask for a namespace of this name: by calling `next(error, allow)`, or
 * by returning a boolean or a promise of one. One that throws or rejects allows nothing.
 *
 * @example
 * ```ts
 * import { type NamespaceMatcher, Server } from "@sockeye/io";
 * import { equal } from "node:assert/strict";
 *
 * const rooms = new Set(["/room-1", "/room-2"]);
 * const matcher: NamespaceMatcher = async (name, auth) =>
 *   auth.token === "secret" && await Promise.resolve(rooms.has(name));
 *
 * const io = new Server();
 * equal(io.of(matcher), io.of(matcher)); // the parent of those that it allows
 * await io.close();
 * ```
 */
export type NamespaceMatcher = (
  name: string,
  auth: Readonly<Credentials>,
  next: (error: Error | null, allow: boolean) => void,
) => unknown;

/** What the directory needs to make namespaces. */
export interface DirectoryOptions {
  /** What all namespaces share. */
  readonly context: NamespaceContext;
  /**
   * How many namespaces made for clients are kept that nobody is in any more. With 0 all are removed;
   * otherwise those are left alone that the program had made by their names.
   */
  readonly maxEmpty: number;
}

// Longer names have no use, and each is kept in memory.
const MAX_NAME_LENGTH = 1024;
// What would end the name on the wire (comma), is cut off there (query), or splits a poll body.
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[,?\x00-\x1f\x7f]/;

/** All namespaces of a server, and the rules by which clients get new ones. */
export class Directory<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
  SocketData = DefaultSocketData,
> {
  readonly #options: DirectoryOptions;
  readonly #namespaces = new Map<
    string,
    Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  >();
  readonly #parents: {
    readonly matcher: NamespaceMatcher;
    readonly source: RegExp | NamespaceMatcher;
    readonly parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  }[] = [];
  // Made for clients and perhaps empty, the one that has been so for longest first.
  readonly #empty = new Map<
    string,
    ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  >();
  // What the program had made, it may keep.
  readonly #claimed = new Set<string>();
  /** Told of each namespace that is made. Assigned once. */
  created:
    | ((
      namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    ) => void)
    | undefined;

  /** Takes what is needed to make namespaces. */
  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** The namespaces by name. */
  get namespaces(): ReadonlyMap<
    string,
    Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > {
    return this.#namespaces;
  }

  /** The namespace of a name, made if need be, or the parent of those that a rule allows. */
  of(
    name: string | RegExp | NamespaceMatcher,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    if (typeof name !== "string") return this.#parentOf(name);
    const full = name.startsWith("/") ? name : "/" + name;
    const problem = problemOf(full);
    if (problem !== undefined) {
      throw new TypeError(`Cannot make namespace ${JSON.stringify(name.slice(0, 80))}: ${problem}`);
    }
    const known = this.#namespaces.get(full);
    if (known !== undefined) return known;
    const { parent } =
      this.#parents.find(({ source }) => source instanceof RegExp && matches(source, full)) ?? {};
    if (parent !== undefined && this.#options.maxEmpty > 0) this.#claimed.add(full);
    return this.#add(
      full,
      () => parent?.createChild(full) ?? new Namespace(this.#options.context, full),
    );
  }

  /**
   * The namespace that a client asks for; a promise of a function that makes it, if a rule is to
   * allow it first. To be called when its client is about to enter, so that none is made for a client
   * that has gone, and none is entered that was removed meanwhile.
   */
  find(
    name: string,
    auth: unknown,
  ):
    | Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    | undefined
    | Promise<
      | (() => Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined)
      | undefined
    > {
    const found = this.#namespaces.get(name);
    if (found !== undefined || this.#parents.length === 0 || problemOf(name) !== undefined) {
      return found;
    }
    return this.#ask(name, auth);
  }

  /**
   * Makes the adapters of all namespaces anew.
   *
   * @param change called first: from then on, the context makes the new ones.
   * @throws {Error} if there are sockets already, which would be in the rooms of the old ones.
   */
  renewAdapters(change: () => void): void {
    for (const { sockets } of this.#namespaces.values()) {
      if (sockets.size > 0) throw new Error("Cannot set the adapter: there are clients already");
    }
    change();
    for (const [name, namespace] of this.#namespaces) {
      const { adapter } = namespace;
      namespace.renewAdapter();
      this.#settle(adapter.close(), name);
      this.#settle(namespace.adapter.init(), name);
    }
  }

  /** Forgets all namespaces and closes their adapters. */
  async close(): Promise<void> {
    const namespaces = [...this.#namespaces.values(), ...this.#parents.map(({ parent }) => parent)];
    await Promise.all(namespaces.map(({ adapter }) => adapter.close()));
  }

  async #ask(
    name: string,
    auth: unknown,
  ): Promise<
    | (() => Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined)
    | undefined
  > {
    const credentials = (typeof auth === "object" && auth !== null ? auth : {}) as Record<
      string,
      unknown
    >;
    for (const { matcher, parent } of this.#parents) {
      if (!await this.#allows(matcher, name, credentials)) continue;
      return () => this.#namespaces.get(name) ?? this.#make(name, parent);
    }
    return undefined;
  }

  #make(
    name: string,
    parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined {
    try {
      return this.#add(name, () => parent.createChild(name));
    } catch (error) {
      this.#options.context.reportError(error, { event: "adapter", namespace: name });
      return undefined;
    }
  }

  #allows(
    matcher: NamespaceMatcher,
    name: string,
    auth: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    return new Promise((resolve) => {
      const failed = (error: unknown) => {
        this.#options.context.reportError(error, { event: "connection", namespace: name });
        resolve(false);
      };
      try {
        const result = matcher(name, auth, (error, allow) => resolve(!error && allow));
        if (typeof result === "boolean") resolve(result);
        else if (result instanceof Promise) {
          result.then((allow) => typeof allow === "boolean" && resolve(allow), failed);
        }
      } catch (error) {
        failed(error);
      }
    });
  }

  #parentOf(
    source: RegExp | NamespaceMatcher,
  ): ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    if (typeof source !== "function" && !(source instanceof RegExp)) {
      throw new TypeError("of() takes a name, a RegExp or a function");
    }
    const known = this.#parents.find((entry) => entry.source === source);
    if (known !== undefined) return known.parent;
    const matcher: NamespaceMatcher = typeof source === "function"
      ? source
      : (name) => matches(source, name);
    const parent = new ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(
      this.#options.context,
      `/_${this.#parents.length}`,
      (name) => this.#emptied(name, parent),
    );
    this.#parents.push({ matcher, source, parent });
    return parent;
  }

  #add(
    name: string,
    create: () => Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const namespace = create();
    this.#namespaces.set(name, namespace);
    this.#settle(namespace.adapter.init(), name);
    this.created?.(namespace);
    return namespace;
  }

  #emptied(
    name: string,
    parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): void {
    const { maxEmpty } = this.#options;
    this.#empty.delete(name);
    this.#empty.set(name, parent);
    for (const [oldest, parent] of this.#empty) {
      if (this.#empty.size <= maxEmpty) return;
      this.#empty.delete(oldest);
      const namespace = this.#namespaces.get(oldest);
      // Somebody may have come in since then.
      const stays = !namespace?.isEmpty || this.#claimed.has(oldest);
      if (!stays) this.#remove(namespace, parent);
    }
  }

  #remove(
    namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): void {
    const { name, adapter } = namespace;
    parent.dismiss(namespace);
    this.#namespaces.delete(name);
    this.#settle(adapter.close(), name);
  }

  #settle(work: void | Promise<void>, namespace: string): void {
    if (!(work instanceof Promise)) return;
    const { reportError } = this.#options.context;
    work.catch((error) => reportError(error, { event: "adapter", namespace }));
  }
}

function matches(pattern: RegExp, name: string): boolean {
  return name.search(pattern) !== -1;
}

/** Why the wire cannot carry a name. */
function problemOf(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  const [forbidden] = FORBIDDEN.exec(name) ?? [];
  if (forbidden !== undefined) return `it must not contain ${JSON.stringify(forbidden)}`;
  if (!name.isWellFormed()) return "it is not well-formed Unicode";
  return name.startsWith("/") ? undefined : "it does not start with a slash";
}
