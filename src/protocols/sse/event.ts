// An event of a stream as user code gets it.

import { parseJson } from '../held-connections.ts';
import type { SseEvent } from './sse.ts';

export class ReceivedEvent implements SseEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string;
  readonly retry: number | undefined;

  constructor(type: string, data: string, id: string, retry: number | undefined) {
    this.type = type;
    this.data = data;
    this.id = id;
    this.retry = retry;
  }

  json<T = unknown>(): T {
    return parseJson<T>(this.data, `the event "${this.type}"`);
  }
}
