// Where a connection goes: what the user named, and what the socket is really connected to. Made by the protocols, read
// by dialer.ts and by the guard.

import { addressFamily } from './host-name.ts';

/** Host and port, or the path of a unix socket. */
export type Place =
  | { readonly host: string; readonly port: number; readonly path?: undefined }
  | { readonly path: string };

export interface Destination {
  /** As the user wrote it: the host of a URL, without brackets. */
  readonly name: string;
  readonly port: number;
  /** What the socket connects to: the same, another address that was given for it, a unix socket, or a proxy. */
  readonly place: Place;
  /** The place is a proxy, which connects to `name` by itself. */
  readonly byProxy: boolean;
}

/** A host that is connected to as it is called. */
export function directTo(host: string, port: number): Destination {
  return { name: host, port, place: { host, port }, byProxy: false };
}

/** A unix socket, which is on this machine. */
export function unixSocket(path: string): Destination {
  return { name: 'localhost', port: 0, place: { path }, byProxy: false };
}

/** `10.0.0.1:80`, `[::1]:80`, `api:80`. */
export function authorityOf(host: string, port: number): string {
  return `${addressFamily(host) === 6 ? `[${host}]` : host}:${port}`;
}
