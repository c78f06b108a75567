// The monitor `log`: what an application writes to its log while it is under load: lines, those that tell of errors, and
// which errors there are. Made by monitors.ts.

import { type FileHandle, open, stat } from 'node:fs/promises';
import { messageOf } from '../model/errors.ts';
import type { MonitorTable, Reading } from '../model/monitor.ts';
import type { SourceOf } from '../model/monitor-settings.ts';
import { formatCount } from '../text/format-figure.ts';
import { messageShape } from './log/message-shape.ts';
import type { Monitor } from './monitor.ts';

/** More than this between two readings is not read: a log may grow faster than it can be looked at. */
const maxReadBytes = 4 * 1024 * 1024;
/** A longer line is looked at, and shown, up to here. */
const maxLineChars = 2000;
const shownChars = 300;
const shownRows = 20;
/** Shapes of messages that are told apart; further ones count together. */
const maxShapes = 1000;
const lineFeed = 0x0a;

/** Throws a `SyntaxError` when `errors` is no regular expression. */
export function createLogMonitor({ file, errors }: SourceOf<'log'>): Monitor {
  const isError = new RegExp(errors);
  /** Up to where the file has been read; `undefined` before the first look. */
  let position: number | undefined;
  let inode = 0;
  let rest = Buffer.alloc(0);
  let wasMissing = false;
  const totals = { lines: 0, errors: 0 };
  const shapes = new Map<string, { readonly count: number; readonly latest: string }>();
  let tail: string[] = [];

  function take(line: string): void {
    const text = line.slice(0, maxLineChars);
    totals.lines++;
    tail.push(text);
    if (tail.length > shownRows) tail = tail.slice(-shownRows);
    if (!isError.test(text)) return;
    totals.errors++;
    const own = messageShape(text);
    const shape = shapes.has(own) || shapes.size < maxShapes ? own : otherShape;
    const count = (shapes.get(shape)?.count ?? 0) + 1;
    shapes.set(shape, { count, latest: text });
  }

  function takeAll(bytes: Buffer): void {
    const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let from = 0;
    for (let at = whole.indexOf(lineFeed); at >= 0; at = whole.indexOf(lineFeed, from)) {
      take(whole.toString('utf8', from, at).replace(/\r$/, ''));
      from = at + 1;
    }
    rest = Buffer.from(whole.subarray(from, Math.min(whole.length, from + 4 * maxLineChars)));
  }

  /** Reads what is new; returns what happened to the file. */
  async function readOn(handle: FileHandle): Promise<string[]> {
    const { size, ino } = await handle.stat();
    const events: string[] = [];
    if (position === undefined) {
      // What was written before the run is no part of it; a file that was not there then is new as a whole.
      position = wasMissing ? 0 : size;
      inode = ino;
    } else if (ino !== inode || size < position) {
      events.push(ino === inode ? 'the log was cut short' : 'the log was replaced by a new file');
      position = 0;
      inode = ino;
      rest = Buffer.alloc(0);
    }
    const skipped = size - position - maxReadBytes;
    if (skipped > 0) {
      events.push(`${formatCount(skipped, 'byte')} of the log were not read: it grows too fast`);
      position += skipped;
      rest = Buffer.alloc(0);
    }
    const bytes = Buffer.alloc(size - position);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
    position += bytesRead;
    takeAll(bytes.subarray(0, bytesRead));
    return events;
  }

  return {
    async read(signal): Promise<Reading> {
      signal.throwIfAborted();
      let handle: FileHandle | undefined;
      try {
        // To open a pipe would wait for whoever writes to it.
        if (!(await stat(file)).isFile()) throw new Error('expected a file');
        handle = await open(file, 'r');
        const before = { ...totals };
        const events = await readOn(handle);
        signal.throwIfAborted();
        const tables = [
          ...(totals.errors > before.errors ? [errorTable(shapes)] : []),
          ...(totals.lines > before.lines ? [tailTable(tail)] : []),
        ];
        return { values: { ...totals }, tables, events };
      } catch (thrown) {
        if (position === undefined && isMissing(thrown)) wasMissing = true;
        throw new Error(`cannot read the log ${file}: ${messageOf(thrown)}`, { cause: thrown });
      } finally {
        await handle?.close();
      }
    },
    async close() {},
  };
}

const otherShape = '(other messages)';

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}

function errorTable(
  shapes: ReadonlyMap<string, { readonly count: number; readonly latest: string }>,
): MonitorTable {
  const most = [...shapes].sort(([, a], [, b]) => b.count - a.count).slice(0, shownRows);
  return {
    name: 'errors',
    title: 'Errors in the log, by message',
    columns: [
      { title: 'lines', unit: 'count' },
      { title: 'message', unit: 'text' },
      { title: 'latest line', unit: 'text' },
    ],
    rows: most.map(([shape, { count, latest }]) => [count, shown(shape), shown(latest)]),
  };
}

function tailTable(lines: readonly string[]): MonitorTable {
  return {
    name: 'tail',
    title: 'Last lines of the log',
    columns: [{ title: 'line', unit: 'text' }],
    rows: lines.map((line) => [shown(line)]),
  };
}

function shown(text: string): string {
  return text.length > shownChars ? `${text.slice(0, shownChars - 3)}...` : text;
}
