// The parsers of one worker that read no response at the moment. Most connections of many users are idle most of the
// time, and need none meanwhile. The runtime owns one; connection.ts takes from it and gives back.

import type { BodyMemory } from './body-memory.ts';
import { HeadCache } from './head-cache.ts';
import { ResponseParser } from './response-parser.ts';

export class ParserPool {
  readonly #heads = new HeadCache();
  readonly #bodies: BodyMemory;
  readonly #idle: ResponseParser[] = [];

  constructor(bodies: BodyMemory) {
    this.#bodies = bodies;
  }

  take(): ResponseParser {
    return this.#idle.pop() ?? new ResponseParser(this.#heads, this.#bodies);
  }

  /** The parser has read a response to its end, and is not reading now. */
  giveBack(parser: ResponseParser): void {
    parser.drop();
    this.#idle.push(parser);
  }
}
