// Which hosts are reached without a proxy: the entries of NO_PROXY, as curl and Go read them. Used by the HTTP client.
// Sources: curl's lib/noproxy.c; golang.org/x/net/http/httpproxy. Where they differ, an entry covers what either has it cover.

import net from 'node:net';
import { canonicalHost } from './host-name.ts';

type Matches = (host: string, port: number) => boolean;

/** The entries of one variable: commas and spaces part them. */
export function splitNoProxy(text: string): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== '');
}

export class NoProxy {
  readonly #matches: readonly Matches[];

  constructor(entries: readonly string[]) {
    this.#matches = entries.map(matcherOf);
  }

  /** `host`: a name, or an address without brackets. */
  excepts(host: string, port: number): boolean {
    const canonical = canonicalHost(host);
    return this.#matches.some((matches) => matches(canonical, port));
  }
}

/**
 * `*`; an address or a range of them; a name, which stands for all below it as well, also when it begins with a dot or
 * `*.`. All but ranges and `*` may end in a port.
 */
function matcherOf(entry: string): Matches {
  if (entry === '*') return () => true;
  const range = rangeOf(entry);
  if (range !== undefined) return range;
  const [name, port] = portOf(entry);
  const host = canonicalHost(name.replace(/^\*?\./, ''));
  if (host === '') return () => false;
  const isHost: Matches =
    net.isIP(host) === 0
      ? (other) => other === host || (net.isIP(other) === 0 && other.endsWith(`.${host}`))
      : (other) => other === host;
  return port === undefined ? isHost : (other, otherPort) => otherPort === port && isHost(other, otherPort);
}

function rangeOf(entry: string): Matches | undefined {
  const [, address = '', bits = ''] = /^\[?([^\]/]+)\]?\/(\d{1,3})$/.exec(entry) ?? [];
  const family = net.isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const range = new net.BlockList();
  range.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return (host) => {
    const own = net.isIP(host);
    return own !== 0 && range.check(host, own === 4 ? 'ipv4' : 'ipv6');
  };
}

function portOf(entry: string): [name: string, port: number | undefined] {
  if (net.isIPv6(entry)) return [entry, undefined];
  const [, name, port] = /^(.*?):(\d+)$/.exec(entry) ?? [];
  return name === undefined ? [entry, undefined] : [name, Number(port)];
}
