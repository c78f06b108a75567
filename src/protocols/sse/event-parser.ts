// Splits the text of an event stream into events (HTML standard, sections 9.2.5 and 9.2.6). Called by stream.ts, which
// decodes the bytes.

export interface ParserEvents {
  /** An event with data. `id` is that of the stream as it stands now. */
  event(type: string, data: string): void;
  /** A blank line has made this the last event id, with data or without. */
  lastId(id: string): void;
  retry(ms: number): void;
}

/** One stream, from its first character. */
export class EventParser {
  readonly #events: ParserEvents;
  readonly #maxLength: number;
  /** A line whose end has not come yet. */
  #pending = '';
  /** The last line ended in a carriage return: a line feed that comes next belongs to it. */
  #endedInCr = false;
  #data: string | null = null;
  #type = '';
  #id: string | null = null;

  /** `maxLength`: characters of an event, or of a line. */
  constructor(events: ParserEvents, maxLength: number) {
    this.#events = events;
    this.#maxLength = maxLength;
  }

  /** Takes in some text. Returns false when an event has become too long; nothing may follow then. */
  feed(text: string): boolean {
    let from = 0;
    if (this.#endedInCr && text !== '') {
      this.#endedInCr = false;
      if (text.startsWith('\n')) from = 1;
    }
    let lf = text.indexOf('\n', from);
    let cr = text.indexOf('\r', from);
    while (lf >= 0 || cr >= 0) {
      const isCr = cr >= 0 && (lf < 0 || cr < lf);
      const end = isCr ? cr : lf;
      const line = this.#pending + text.slice(from, end);
      this.#pending = '';
      this.#read(line);
      from = end + 1;
      if (isCr && lf === from) from++;
      else if (isCr && from === text.length) this.#endedInCr = true;
      if (isCr) cr = text.indexOf('\r', from);
      if (lf >= 0 && lf < from) lf = text.indexOf('\n', from);
      if (this.#isTooLong) return false;
    }
    this.#pending += text.slice(from);
    return !this.#isTooLong;
  }

  get #isTooLong(): boolean {
    return this.#pending.length + (this.#data?.length ?? 0) > this.#maxLength;
  }

  #read(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.#events.retry(Number(value));
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type;
    this.#data = null;
    this.#type = '';
    if (this.#id !== null) this.#events.lastId(this.#id);
    if (data !== null) this.#events.event(type === '' ? 'message' : type, data);
  }
}
