// Answers whose bodies are being decoded. They have come whole, but have no outcome yet: when the user ends meanwhile,
// they are cut off like any other. Used by user-http.ts.

import type { BodyDecoder } from './body-decoder.ts';
import { decodeFailure } from './content-encoding.ts';
import type { HttpExchange } from './exchange.ts';

/** No body may unpack to more, whatever limit it has on the wire. */
const mostDecodedBytes = 256 * 1024 * 1024;

/** Is told how each decoding has ended. */
export interface DecodingOwner {
  decoded(exchange: HttpExchange): void;
  undecodable(exchange: HttpExchange, code: string, message: string): void;
}

export class Decoding {
  readonly #decoder: BodyDecoder;
  readonly #owner: DecodingOwner;
  /** Those that are decoded off the event loop. */
  readonly #open = new Set<HttpExchange>();

  constructor(decoder: BodyDecoder, owner: DecodingOwner) {
    this.#decoder = decoder;
    this.#owner = owner;
  }

  /** Decodes the body, small ones at once. */
  start(exchange: HttpExchange): void {
    try {
      const mostBytes = Math.min(exchange.request.maxResponseBytes, mostDecodedBytes);
      const decoded = this.#decoder.decode(exchange.rawHeaders, exchange.rawBody!, mostBytes, () =>
        this.#open.has(exchange),
      );
      if (decoded instanceof Promise) this.#wait(exchange, decoded);
      else this.#succeed(exchange, decoded);
    } catch (thrown) {
      this.#fail(exchange, thrown);
    }
  }

  #wait(exchange: HttpExchange, decoded: Promise<Buffer>): void {
    this.#open.add(exchange);
    decoded.then(
      (body) => {
        if (this.#open.delete(exchange)) this.#succeed(exchange, body);
      },
      (thrown) => {
        if (this.#open.delete(exchange)) this.#fail(exchange, thrown);
      },
    );
  }

  #succeed(exchange: HttpExchange, body: Buffer): void {
    exchange.rawBody = body;
    this.#owner.decoded(exchange);
  }

  #fail(exchange: HttpExchange, thrown: unknown): void {
    const { code, message } = decodeFailure(thrown, exchange.request.maxResponseBytes);
    this.#owner.undecodable(exchange, code, message);
  }

  /** Gives up those that are not decoded yet; what becomes of them is the caller's to say. */
  giveUp(): HttpExchange[] {
    const open = [...this.#open];
    this.#open.clear();
    return open;
  }
}
