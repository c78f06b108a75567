// A message as user code gets it. Its text is decoded when asked for.

import { parseJson } from '../held-connections.ts';
import type { WebSocketMessage } from './websocket.ts';

export class ReceivedMessage implements WebSocketMessage {
  readonly #bytes: Buffer;
  readonly #isBinary: boolean;
  #text: string | null = null;

  constructor(bytes: Buffer, isBinary: boolean) {
    this.#bytes = bytes;
    this.#isBinary = isBinary;
  }

  get data(): string | Buffer {
    return this.#isBinary ? this.#bytes : this.text();
  }

  text(): string {
    this.#text ??= this.#bytes.toString('utf8');
    return this.#text;
  }

  json<T = unknown>(): T {
    return parseJson<T>(this.text(), 'the message');
  }
}
