// Hands the body of a streamed response on as it comes, from the parser to what user code reads. Called by
// connection.ts.

import type { HttpExchange } from './exchange.ts';
import type { ResponseParser } from './response-parser.ts';
import { pushTo } from './response-stream.ts';

export class ResponsePump {
  /** The reader is behind: it takes no more for now. */
  paused = false;
  readonly #exchange: HttpExchange;
  readonly #parser: ResponseParser;
  /** Status and headers are there. */
  readonly #onHead: () => void;
  #announced = false;

  constructor(exchange: HttpExchange, parser: ResponseParser, onHead: () => void) {
    this.#exchange = exchange;
    this.#parser = parser;
    this.#onHead = onHead;
    parser.sink = (bytes, from, to) => {
      this.announce();
      const { stream } = exchange;
      if (stream === null || stream.destroyed) return;
      if (!pushTo(stream, Buffer.from(bytes.subarray(from, to)))) this.paused = true;
    };
  }

  /** Tells, once, that status and headers are there. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    const exchange = this.#exchange;
    const parser = this.#parser;
    exchange.status = parser.status;
    exchange.rawHeaders = parser.rawHeaders;
    exchange.hasSetCookie = parser.hasSetCookie;
    this.#onHead();
  }

  /** The body is whole. */
  end(): void {
    this.announce();
    this.#parser.sink = null;
    const { stream } = this.#exchange;
    if (stream !== null) pushTo(stream, null);
  }
}
