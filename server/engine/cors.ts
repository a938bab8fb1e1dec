import type { ErrorReporter } from "../../events/mod.ts";
import { badRequest, type Rejection } from "./rejection.ts";

/** An origin rule that needs no question: see {@linkcode CorsOptions.origin}. */
export type StaticOrigin = boolean | string | RegExp | readonly (boolean | string | RegExp)[];

/**
 * Decides about an origin by a callback, or by what it returns or resolves to. An error that the
 * callback is called with refuses the request, and so does one that is thrown.
 */
export type OriginFunction = (
  origin: string | undefined,
  callback: (error: Error | null, origin?: StaticOrigin) => void,
) => void | StaticOrigin | Promise<StaticOrigin | void>;

/**
 * Which pages of other origins may use the server.
 *
 * @example
 * ```ts
 * import { type CorsOptions, Engine } from "@sockeye/io/engine";
 * import { equal } from "node:assert/strict";
 *
 * const cors: CorsOptions = {
 *   origin: ["https://example.com", /\.example\.com$/],
 *   credentials: true,
 *   maxAge: 600, // seconds
 * };
 * const engine = new Engine({ cors });
 * const ask = (origin: string) =>
 *   engine.fetch(
 *     new Request("http://localhost/engine.io/?EIO=4&transport=polling", { headers: { origin } }),
 *   );
 * const own = await ask("https://chat.example.com");
 * equal(own.headers.get("access-control-allow-origin"), "https://chat.example.com");
 * const foreign = await ask("https://example.org");
 * equal(foreign.headers.get("access-control-allow-origin"), null);
 * await engine.close();
 * ```
 */
export interface CorsOptions {
  /**
   * The origins that are allowed: `*` (the default) or one origin as a string, a pattern, a list
   * of origins and patterns, in which `*` allows none, `true` for whichever asks, `false` for none
   * at all, or a function that decides.
   */
  origin?: StaticOrigin | OriginFunction;
  /** The methods that are allowed, `GET,HEAD,PUT,PATCH,POST,DELETE` by default. */
  methods?: string | readonly string[];
  /** The request headers that are allowed; by default those that the browser asks for. */
  allowedHeaders?: string | readonly string[];
  /** The same as `allowedHeaders`, which counts if both are given. */
  headers?: string | readonly string[];
  /** The response headers that a script may read, beyond the simple ones; none by default. */
  exposedHeaders?: string | readonly string[];
  /** Whether requests may carry cookies, `false` by default. */
  credentials?: boolean;
  /** The seconds that a browser may keep the answer to a preflight; its own limit by default. */
  maxAge?: number;
  /** Whether a preflight goes on to the engine instead of being answered at once; by default not. */
  preflightContinue?: boolean;
  /** The status of a preflight's answer, 204 by default. */
  optionsSuccessStatus?: number;
}

/** Chooses the options by the request, by a callback or by what it returns or resolves to. */
export type CorsDelegate = (
  request: Request,
  callback: (error: Error | null, options?: CorsOptions) => void,
) => void | CorsOptions | Promise<CorsOptions | void>;

/** What CORS has to say about one request. */
export interface CorsAnswer {
  /** Whether the origin may use the server. A request without one may. */
  readonly allowed: boolean;
  /** What every reply to the request has to say. */
  readonly headers: readonly (readonly [string, string])[];
  /** The status of the reply, if this is a preflight that ends here. */
  readonly status?: number;
  /** Why nothing but files is served, if a function of the option has an error to tell. */
  readonly refusal?: Rejection;
}

/** An error that needs no report (any more): one that a callback got is the program's decision. */
class Refusal {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** The names of the options. */
export const CORS_OPTION_NAMES: readonly (keyof CorsOptions)[] = [
  "origin",
  "methods",
  "allowedHeaders",
  "headers",
  "exposedHeaders",
  "credentials",
  "maxAge",
  "preflightContinue",
  "optionsSuccessStatus",
];

const DEFAULT_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE";
const SILENT: CorsAnswer = { allowed: true, headers: [] };

/** Applies the option `cors` to a request. Whoever is refused by an error is served nothing. */
export async function answerCors(
  cors: CorsOptions | CorsDelegate,
  request: Request,
  report: ErrorReporter,
): Promise<CorsAnswer> {
  try {
    return await apply(cors, request, report);
  } catch (thrown) {
    const known = thrown instanceof Refusal;
    if (!known) report(thrown, { event: "cors" });
    const error = known ? thrown.error : thrown;
    return { allowed: false, headers: [], refusal: badRequest("MIDDLEWARE_FAILURE", error) };
  }
}

function apply(
  cors: CorsOptions | CorsDelegate,
  request: Request,
  report: ErrorReporter,
): CorsAnswer | Promise<CorsAnswer> {
  if (typeof cors === "function") {
    return called<CorsOptions>((callback) => cors(request, callback), report)
      .then((options) => apply(options ?? {}, request, report));
  }
  const origin = request.headers.get("origin") ?? undefined;
  if (typeof cors.origin !== "function") return answer(cors, cors.origin ?? "*", origin, request);
  const decide = cors.origin;
  return called<StaticOrigin>((callback) => decide(origin, callback), report)
    .then((rule) => answer(cors, rule ?? false, origin, request));
}

function answer(
  options: CorsOptions,
  rule: StaticOrigin,
  origin: string | undefined,
  request: Request,
): CorsAnswer {
  if (rule === false) return { ...SILENT, allowed: origin === undefined };
  const allowed = origin === undefined || rule === "*" || matches(rule, origin);
  const headers: [string, string][] = [];
  const granted = rule === "*" ? "*" : typeof rule === "string" ? rule : allowed ? origin : "";
  if (granted !== undefined && granted !== "") {
    headers.push(["access-control-allow-origin", granted]);
  }
  if (rule !== "*") headers.push(["vary", "Origin"]);
  if (options.credentials === true) headers.push(["access-control-allow-credentials", "true"]);
  const exposed = list(options.exposedHeaders);
  if (exposed !== "") headers.push(["access-control-expose-headers", exposed]);
  if (request.method !== "OPTIONS") return { allowed, headers };
  preflight(options, request, headers);
  if (options.preflightContinue === true) return { allowed, headers };
  return { allowed, headers, status: options.optionsSuccessStatus ?? 204 };
}

function preflight(options: CorsOptions, request: Request, headers: [string, string][]): void {
  const { headers: alias, allowedHeaders = alias, maxAge } = options;
  headers.push(["access-control-allow-methods", list(options.methods) || DEFAULT_METHODS]);
  const asked = request.headers.get("access-control-request-headers");
  const granted = allowedHeaders === undefined ? asked ?? "" : list(allowedHeaders);
  if (allowedHeaders === undefined) headers.push(["vary", "Access-Control-Request-Headers"]);
  if (granted !== "") headers.push(["access-control-allow-headers", granted]);
  if (maxAge !== undefined) headers.push(["access-control-max-age", String(maxAge)]);
}

function matches(rule: StaticOrigin, origin: string): boolean {
  if (typeof rule === "boolean") return rule;
  if (typeof rule === "string") return rule === origin;
  if (rule instanceof RegExp) return origin.search(rule) !== -1;
  return rule.some((item) => matches(item, origin));
}

function list(names: string | readonly string[] | undefined): string {
  return typeof names === "string" ? names : names?.join(",") ?? "";
}

/** Calls a function that answers by a callback, by a value or by a promise: the first one counts. */
function called<Value>(
  run: (
    callback: (error: Error | null, value?: Value) => void,
  ) => void | Value | Promise<Value | void>,
  report: ErrorReporter,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => {
      report(error, { event: "cors" });
      reject(new Refusal(error));
    };
    new Promise<void | Value>((returned) =>
      returned(run((error, value) => error ? reject(new Refusal(error)) : resolve(value)))
    ).then((value) => {
      if (value !== undefined) resolve(value as Value);
    }, failed);
  });
}
