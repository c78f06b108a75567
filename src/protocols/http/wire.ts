// What a response came over: HTTP and TLS version, as tags. One object per combination, so that the request path
// compares identities.

import type { Tags } from '../../model/metric.ts';

export interface Wire {
  /** `proto` and, over TLS, `tls_version`. */
  readonly tags: Tags;
}

export const plainWire: Wire = { tags: { proto: 'HTTP/1.1' } };

const wires = new Map<string, Wire>();

/** The wire of a protocol (`HTTP/1.1`, `HTTP/2.0`) and TLS version (`tls1.3`; empty without TLS). */
export function wireOf(proto: string, tlsVersion: string): Wire {
  if (proto === 'HTTP/1.1' && tlsVersion === '') return plainWire;
  const key = `${proto} ${tlsVersion}`;
  let wire = wires.get(key);
  if (wire === undefined) {
    wire = { tags: tlsVersion === '' ? { proto } : { proto, tls_version: tlsVersion } };
    wires.set(key, wire);
  }
  return wire;
}
