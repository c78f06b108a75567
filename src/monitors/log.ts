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
/** A longer line is looked at up to here. */
const maxLineBytes = 2000;
const shownChars = 300;
const shownRows = 20;
/** More lines between two readings are not looked at one by one: this is done in the process that measures. */
const maxReadLines = 20_000;
/** Shapes of messages that are told apart; further ones count together. */
const maxShapes = 1000;
const lineFeed = 0x0a;

/** Throws a `SyntaxError` when `errors` is no regular expression. */
export function createLogMonitor({ file, errors }: SourceOf<'log'>): Monitor {
  const isError = new RegExp(errors);
  /** The file that is read, open until another takes its place, so that its last lines are not lost. */
  let current: { readonly handle: FileHandle; readonly inode: number; position: number } | undefined;
  /** The start of a line whose end is still to come. */
  let rest = Buffer.alloc(0);
  let wasMissing = false;
  const totals = { lines: 0, errors: 0 };
  const shapes = new Map<string, { readonly count: number; readonly latest: string }>();
  const tail: string[] = [];

  function take(line: string): void {
    totals.lines++;
    tail.push(line);
    if (tail.length > 2 * shownRows) tail.splice(0, tail.length - shownRows);
    if (!isError.test(line)) return;
    totals.errors++;
    const own = messageShape(line);
    const shape = shapes.has(own) || shapes.size < maxShapes ? own : otherShape;
    shapes.set(shape, { count: (shapes.get(shape)?.count ?? 0) + 1, latest: line });
  }

  /** Returns how many lines were too many to be looked at. */
  function takeAll(bytes: Buffer): number {
    const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let from = 0;
    let count = 0;
    for (let at = whole.indexOf(lineFeed); at >= 0; at = whole.indexOf(lineFeed, from)) {
      if (++count <= maxReadLines) take(textOf(whole, from, at));
      from = at + 1;
    }
    rest = Buffer.from(whole.subarray(from, Math.min(whole.length, from + maxLineBytes)));
    return Math.max(0, count - maxReadLines);
  }

  /** Reads what is new in the file that is open; returns what was left out, in words. */
  async function readOn(one: NonNullable<typeof current>): Promise<string[]> {
    const events: string[] = [];
    const { size } = await one.handle.stat();
    if (size < one.position) {
      events.push('the log was cut short');
      one.position = 0;
      rest = Buffer.alloc(0);
    }
    const skipped = size - one.position - maxReadBytes;
    if (skipped > 0) {
      events.push(`${formatCount(skipped, 'byte')} of the log were not read: it grows too fast`);
      one.position += skipped;
      rest = Buffer.alloc(0);
    }
    const bytes = Buffer.alloc(size - one.position);
    const { bytesRead } = await one.handle.read(bytes, 0, bytes.length, one.position);
    one.position += bytesRead;
    const left = takeAll(bytes.subarray(0, bytesRead));
    if (left > 0) events.push(`${formatCount(left, 'line')} of the log were not counted: it grows too fast`);
    return events;
  }

  /** What was written before the run is no part of it; a file that was not there then is new as a whole. */
  async function openFirst(): Promise<NonNullable<typeof current>> {
    const found = await openFile(file);
    return { ...found, position: wasMissing ? 0 : found.size };
  }

  /** Reads the rest of a file that another has taken the place of, and goes on in that one. */
  async function follow(one: NonNullable<typeof current>): Promise<string[]> {
    if ((await stat(file)).ino === one.inode) return readOn(one);
    const events = await readOn(one);
    if (rest.length > 0) take(textOf(rest, 0, rest.length));
    rest = Buffer.alloc(0);
    const next = { ...(await openFile(file)), position: 0 };
    await one.handle.close();
    current = next;
    return [...events, 'the log was replaced by a new file', ...(await readOn(next))];
  }

  /** Reads what is new; returns what there is to say of that. */
  async function catchUp(signal: AbortSignal): Promise<string[]> {
    signal.throwIfAborted();
    const isFirst = current === undefined;
    current ??= await openFirst();
    const events = isFirst ? await readOn(current) : await follow(current);
    signal.throwIfAborted();
    return events;
  }

  return {
    async read(signal): Promise<Reading> {
      try {
        const before = { ...totals };
        const events = await catchUp(signal);
        const tables = [
          ...(totals.errors > before.errors ? [errorTable(shapes)] : []),
          ...(totals.lines > before.lines ? [tailTable(tail.slice(-shownRows))] : []),
        ];
        return { values: { ...totals }, tables, events };
      } catch (thrown) {
        if (current === undefined && isMissing(thrown)) wasMissing = true;
        throw new Error(`cannot read the log ${file}: ${messageOf(thrown)}`, { cause: thrown });
      }
    },
    // What was written after the last reading is in it, too; an empty log says nothing.
    async diagnose(signal) {
      await catchUp(signal);
      return [
        ...(shapes.size > 0 ? [errorTable(shapes)] : []),
        ...(tail.length > 0 ? [newestFirst(tailTable(tail.slice(-shownRows)))] : []),
      ];
    },
    async close() {
      await current?.handle.close();
      current = undefined;
    },
  };
}

async function openFile(
  file: string,
): Promise<{ readonly handle: FileHandle; readonly inode: number; readonly size: number }> {
  // To open a pipe would wait for whoever writes to it.
  if (!(await stat(file)).isFile()) throw new Error('expected a file');
  const handle = await open(file, 'r');
  const { ino, size } = await handle.stat();
  return { handle, inode: ino, size };
}

/** Of a longer line the start. */
function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('utf8', from, Math.min(to, from + maxLineBytes)).replace(/\r$/, '');
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

/** Where there is room for a few lines, these are the last. */
function newestFirst(table: MonitorTable): MonitorTable {
  return { ...table, title: `${table.title}, the newest first`, rows: [...table.rows].reverse() };
}

function shown(text: string): string {
  return text.length > shownChars ? `${text.slice(0, shownChars - 3)}...` : text;
}
