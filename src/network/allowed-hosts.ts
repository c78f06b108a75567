// The hosts that a suite may contact although they look like production: what an entry may be, and what it covers. Used by
// the guard and by the suite's schema.

import net from 'node:net';
import { canonicalHost } from './host-name.ts';

export interface AllowedHost {
  /** Exactly one of the three is there. */
  readonly host?: string;
  /** `.example.com`, for all below it. */
  readonly ending?: string;
  readonly range?: net.BlockList;
  /** All ports when absent. */
  readonly port?: number;
}

const name = String.raw`(?!\.)[^\s/?#@:\\[\]*]+`;
const entryPattern = new RegExp(
  String.raw`^(?:(?<below>\*\.)?(?<name>${name})|\[(?<six>[0-9a-f:.]+)\])(?::(?<port>\d+))?$`,
  'i',
);

/**
 * Reads `shop.example.com`, `shop.example.com:8443`, `*.example.com`, `203.0.113.7`, `[2001:db8::1]:443`, `2001:db8::1` or
 * `203.0.113.0/24`; `undefined` for what is none of them.
 */
export function parseAllowedHost(text: string): AllowedHost | undefined {
  const entry = text.trim();
  if (net.isIPv6(entry)) return { host: canonicalHost(entry) };
  if (entry.includes('/')) return parseRange(entry);
  const groups = entryPattern.exec(entry)?.groups;
  if (groups === undefined) return undefined;
  const port = groups.port === undefined ? undefined : Number(groups.port);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const host = canonicalHost(groups.six ?? groups.name!);
  if (host === '' || (groups.six !== undefined && !net.isIPv6(host))) return undefined;
  const covered = groups.below === undefined ? { host } : { ending: `.${host}` };
  return { ...covered, ...(port !== undefined && { port }) };
}

function parseRange(entry: string): AllowedHost | undefined {
  const [, address = '', bits = ''] = /^\[?([^\]/]+)\]?\/(\d+)$/.exec(entry) ?? [];
  const family = net.isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const range = new net.BlockList();
  range.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return { range };
}

/** Whether an entry covers a host, a name or an address in its canonical form, at this port. */
export function isAllowed(host: string, port: number, allowed: readonly AllowedHost[]): boolean {
  const family = net.isIP(host);
  return allowed.some((entry) => {
    if (entry.port !== undefined && entry.port !== port) return false;
    if (entry.range !== undefined)
      return family !== 0 && entry.range.check(host, family === 4 ? 'ipv4' : 'ipv6');
    return entry.ending === undefined ? host === entry.host : family === 0 && host.endsWith(entry.ending);
  });
}
