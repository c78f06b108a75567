// What breaks a connection of HTTP/2, with the code that the server is told (RFC 9113 section 7) and the name that
// requests fail with. Thrown by frame-reader.ts, hpack-decoder.ts, server-settings.ts and link.ts, caught by session.ts.

import { codes, http2Code } from './codes.ts';

export class Http2Failure extends Error {
  readonly number: number;
  /** `http2_protocol_error` and the like. */
  readonly code: string;

  constructor(kind: keyof typeof codes, reason: string) {
    super(reason);
    this.number = codes[kind];
    this.code = http2Code(this.number);
  }
}
