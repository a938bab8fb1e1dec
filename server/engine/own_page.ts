/**
 * Whether a page of this origin has the host that the request was sent to, or that a proxy says it
 * was. Ports do not count: cookies know none, and proxies often drop them or put in their own.
 */
export function isOwnPage(origin: string, headers: Headers): boolean {
  const [, host] = /^https?:\/\/(.+)/i.exec(origin) ?? [];
  if (host === undefined) return false;
  const page = nameOf(host);
  // Of several proxies each may have added a host; a page can set neither header.
  const hosts = `${headers.get("host") ?? ""},${headers.get("x-forwarded-host") ?? ""}`;
  return page !== "" && hosts.split(",").some((host) => nameOf(host) === page);
}

/** The name of a host without its port; an IPv6 address keeps its brackets. */
function nameOf(host: string): string {
  return host.trim().toLowerCase().replace(/\.?(:\d*)?$/, "");
}
