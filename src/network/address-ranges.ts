// Which addresses belong to the public internet. Used by the guard.

import net from 'node:net';

/** Not routed on the public internet. Source: IANA's registries of special-purpose addresses (RFC 6890). */
const privateRanges = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  // Shared address space of carriers, and of many clusters (RFC 6598).
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  // For benchmarks of networks (RFC 2544).
  ['198.18.0.0', 15, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['::1', 128, 'ipv6'],
  // Local translation of addresses (RFC 8215).
  ['64:ff9b:1::', 48, 'ipv6'],
  // For benchmarks (RFC 5180).
  ['2001:2::', 48, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  // Site-local: no longer given out, never routed (RFC 3879).
  ['fec0::', 10, 'ipv6'],
] as const;

const privateAddresses = new net.BlockList();
for (const [address, prefix, family] of privateRanges) privateAddresses.addSubnet(address, prefix, family);

/** IPv6 addresses that stand for an IPv4 address, which is found behind so many bits. */
const translated = [
  // Mapped (RFC 4291 section 2.5.5.2), and the deprecated compatible form.
  ['::ffff:0:0', 96],
  ['::', 96],
  // NAT64 (RFC 6052).
  ['64:ff9b::', 96],
  // 6to4 (RFC 3056).
  ['2002::', 16],
] as const;
const translations = translated.map(([address, prefix]) => {
  const list = new net.BlockList();
  list.addSubnet(address, prefix, 'ipv6');
  return { list, prefix };
});

/** `address` is an IP address without a zone. */
export function isPublicAddress(address: string): boolean {
  const family = net.isIPv4(address) ? 'ipv4' : 'ipv6';
  if (privateAddresses.check(address, family)) return false;
  const inner = family === 'ipv6' ? innerIpv4(address) : undefined;
  return inner === undefined || isPublicAddress(inner);
}

function innerIpv4(address: string): string | undefined {
  const found = translations.find(({ list }) => list.check(address, 'ipv6'));
  if (found === undefined) return undefined;
  const first = found.prefix / 16;
  const [high, low] = groupsOf(address).slice(first, first + 2) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // Written by the URL parser there are no dots in it.
  const [before, after] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const head = before === '' ? [] : before!.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...(after === undefined ? [] : zeros), ...tail].map((group) => Number.parseInt(group, 16));
}
