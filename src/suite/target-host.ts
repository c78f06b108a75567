// Judges a host by its name: a test system, or something that may be production. Used by safety.ts; no lookup.

import { isIP } from 'node:net';

const productionWords = ['prod', 'production', 'live'];
const testWords = [
  ...['dev', 'devel', 'development', 'test', 'tests', 'testing', 'staging', 'stage', 'stg', 'qa', 'uat'],
  ...['sandbox', 'perf', 'performance', 'load', 'loadtest', 'ci', 'preview', 'nonprod', 'preprod'],
];
/** Top-level names that never belong to a public host (RFC 2606, RFC 6762, and `internal` by ICANN). */
const privateEndings = ['local', 'localhost', 'test', 'internal', 'invalid', 'example'];

const privateIpv4 = [
  /^127\./,
  /^0\.0\.0\.0$/,
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
];

function isPrivateIp(address: string): boolean {
  // A URL prints an IPv4 address inside IPv6 as two groups of four hexadecimal digits.
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped !== null) {
    const bits = (Number.parseInt(mapped[1]!, 16) << 16) | Number.parseInt(mapped[2]!, 16);
    return isPrivateIp([24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.'));
  }
  if (isIP(address) === 4) return privateIpv4.some((range) => range.test(address));
  // Loopback, unique local (fc00::/7) and link local (fe80::/10).
  return address === '::1' || address === '::' || /^f[cd]|^fe[89ab]/.test(address);
}

/** The words of a label: `staging2-api` gives `staging` and `api`; `pre-prod` is one word. */
function wordsOf(label: string): string[] {
  return label
    .replaceAll(/(non|pre)-?prod(uction)?/g, '$1prod')
    .split(/[-_]/)
    .map((word) => word.replace(/\d+$/, ''));
}

/** Why a host looks like production, as a clause for a message; `undefined` when it does not. */
export function productionSign(hostname: string): string | undefined {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return isPrivateIp(host) ? undefined : `${host} is a public address`;
  const labels = host.split('.');
  // Of a public name, the last label is the top level: `shop.live` and `shop.dev` say nothing about the shop.
  const isPrivate = labels.length === 1 || privateEndings.includes(labels.at(-1)!);
  const judged = isPrivate ? labels : labels.slice(0, -1);
  const production = judged.flatMap(wordsOf).find((word) => productionWords.includes(word));
  if (production !== undefined) return `the host ${host} has "${production}" in its name`;
  if (isPrivate) return undefined;
  // The registered name itself is no sign of a test system (testing.com); what stands before it is.
  if (
    labels
      .slice(0, -2)
      .flatMap(wordsOf)
      .some((word) => testWords.includes(word))
  )
    return undefined;
  return `${host} is a public host`;
}
