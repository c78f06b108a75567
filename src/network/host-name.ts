// One spelling for every host, however it was written: case, brackets, a final dot, Unicode, short forms of addresses.
// Used wherever hosts are compared or judged.

import net from 'node:net';

/** 4 or 6 for an address, 0 for a name. As `net.isIP`, whose pattern for IPv6 takes some 15 ms to be made ready. */
export function addressFamily(host: string): 0 | 4 | 6 {
  if (!host.includes(':')) return net.isIPv4(host) ? 4 : 0;
  return net.isIPv6(host) ? 6 : 0;
}

/**
 * Lower case, without brackets, zone and final dot; names in their ASCII form (RFC 5891), addresses in their usual one:
 * `[::1]` is `::1`, `127.1` is `127.0.0.1`, `Bücher.example.` is `xn--bcher-kva.example`.
 */
export function canonicalHost(text: string): string {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  if (addressFamily(bare) === 6) return new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const name = bare.replace(/\.$/, '').toLowerCase();
  // The parser of web URLs knows both; what it refuses stays as it is.
  const url = /[\s/?#@:\\]/.test(name) ? undefined : `http://${name}/`;
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : name;
}
