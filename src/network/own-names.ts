// Whether a request to a server of ours was meant for this machine. Used by the receiver of OTLP and by the page that
// Prometheus scrapes.

/**
 * Whether the header `Host` names this machine to itself: `localhost`, 127.0.0.0/8 or `[::1]`, with any port. A page in a
 * browser reaches a port of this machine by a name of its own that it lets point here (DNS rebinding); to the browser that
 * is the page's own origin, and the name is in `Host`.
 */
export function isOwnName(host: string | undefined): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
