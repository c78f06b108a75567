// Decoders for the tests of outputs, written apart from the encoders: protocol buffers, Prometheus pages, lines.

import { expect } from 'vitest';
import type { Sums } from './load.cases.ts';

/** Fields of a protobuf message by number: numbers, doubles' bytes, or bytes. */
export type Fields = Map<number, (number | Buffer)[]>;

export function decodeProtobuf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > buffer.length) throw new RangeError('field goes on after the end');
    at += length;
    return buffer.subarray(at - length, at);
  };
  while (at < buffer.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const values = fields.get(field) ?? [];
    fields.set(field, values);
    if (tag % 8 === 0) values.push(varint());
    else if (tag % 8 === 1) values.push(take(8));
    else if (tag % 8 === 2) values.push(take(varint()));
    else throw new RangeError(`wire type ${tag % 8}`);
  }
  return fields;
}

export const messagesOf = (fields: Fields, field: number): Fields[] =>
  (fields.get(field) ?? []).map((value) => decodeProtobuf(value as Buffer));
export const textOf = (fields: Fields, field: number): string => String(fields.get(field)?.[0] ?? '');
export const doubleOf = (fields: Fields, field: number): number =>
  (fields.get(field)![0] as Buffer).readDoubleLE(0);

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const nameText = '[a-zA-Z_][a-zA-Z0-9_]*';
const sampleLine = new RegExp(
  `^(${nameText})(?:\\{((?:${nameText}="(?:[^"\\\\\\n]|\\\\["\\\\n])*",?)*)\\})? (\\S+)$`,
);
const suffixesOf = {
  'text counter': [''],
  'openmetrics counter': ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
} as const;

/** Parses a page and holds it to the format; throws at the first thing that is wrong. */
export function parsePage(page: string, format: 'text' | 'openmetrics'): PrometheusSample[] {
  if (!page.endsWith('\n')) throw new Error('the last line does not end');
  const lines = page.slice(0, -1).split('\n');
  if (format === 'openmetrics' && lines.pop() !== '# EOF')
    throw new Error('the page does not end with # EOF');
  const families = new Map<string, string>();
  const seen = new Set<string>();
  const samples: PrometheusSample[] = [];
  let family = '';
  for (const line of lines) {
    const comment = new RegExp(`^# (HELP|TYPE|UNIT) (${nameText}) (.*)$`).exec(line);
    if (comment !== null) {
      const [, keyword, name, rest] = comment;
      if (keyword === 'HELP' && families.has(name!)) throw new Error(`${name} comes twice`);
      if (keyword === 'TYPE') families.set(name!, rest!);
      if (keyword === 'UNIT' && !name!.endsWith(`_${rest}`)) throw new Error(`${name} is not in ${rest}`);
      family = name!;
      continue;
    }
    const [, name, labelText = '', value] = sampleLine.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    const type = families.get(family);
    const key = (type === 'counter' ? `${format} counter` : type) as keyof typeof suffixesOf;
    if (!suffixesOf[key].some((suffix) => name === family + suffix)) throw new Error(`${name} in ${family}`);
    if (seen.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`twice: ${line}`);
    seen.add(line.slice(0, line.lastIndexOf(' ')));
    samples.push({
      name,
      labels: parseLabels(labelText),
      value: value === '+Inf' ? Infinity : Number(value),
    });
  }
  checkHistograms(samples);
  return samples;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/g)) {
    if (labels[name!] !== undefined) throw new Error(`label ${name} comes twice`);
    labels[name!] = value!.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
  }
  return labels;
}

/** Buckets ascend, and the last one is `+Inf` with the count. */
export function checkHistograms(samples: readonly PrometheusSample[]): void {
  const keyOf = ({ name, labels: { le: _, ...labels } }: PrometheusSample, suffix: string): string =>
    `${name.slice(0, -suffix.length)}${JSON.stringify(Object.entries(labels).sort())}`;
  const buckets = new Map<string, { le: number; value: number }[]>();
  for (const sample of samples.filter(({ name }) => name.endsWith('_bucket'))) {
    const key = keyOf(sample, '_bucket');
    const { le } = sample.labels;
    if (!/\.|e|Inf/.test(le!)) throw new Error(`le="${le}" is not canonical`);
    buckets.set(key, [
      ...(buckets.get(key) ?? []),
      { le: Number(le!.replace('+Inf', 'Infinity')), value: sample.value },
    ]);
  }
  for (const [key, all] of buckets) {
    expect(all.at(-1)?.le).toBe(Infinity);
    for (let k = 1; k < all.length; k++) {
      expect(all[k]!.le, key).toBeGreaterThan(all[k - 1]!.le);
      expect(all[k]!.value, key).toBeGreaterThanOrEqual(all[k - 1]!.value);
    }
    const count = samples.find((one) => one.name.endsWith('_count') && keyOf(one, '_count') === key);
    expect(count?.value).toBe(all.at(-1)?.value);
  }
}

/** Sums of Prometheus samples as the page and remote write name them. */
export function sumsOfSamples(samples: readonly PrometheusSample[]): Sums {
  const total = (name: string): number =>
    samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
  return {
    requests: total('plimsoll_http_reqs_total'),
    durationCount: total('plimsoll_http_req_duration_seconds_count'),
    durationSumMs: total('plimsoll_http_req_duration_seconds_sum') * 1000,
    failedPasses: total('plimsoll_http_req_failed_passes_total'),
    failedAll: total('plimsoll_http_req_failed_all_total'),
    vus: total('plimsoll_vus'),
    connections: total('plimsoll_monitor_db_connections'),
    readBytes: total('plimsoll_monitor_db_read_bytes_total'),
  };
}

export interface Line {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly timestamp: string;
}

/** Parses lines by InfluxDB's rules: a backslash before a comma, a space or an equals sign takes its meaning away. */
export function parseLines(text: string): Line[] {
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n').map(parseLine);
}

function parseLine(line: string): Line {
  const split = (part: string, at: string): string[] => part.split(new RegExp(`(?<!\\\\)${at}`));
  const plain = (part: string): string => part.replaceAll(/\\([,= ])/g, '$1');
  const parts = split(line, ' ');
  if (parts.length !== 3) throw new Error(`not a line: ${line}`);
  const [head, fieldSet, timestamp] = parts as [string, string, string];
  const [measurement, ...tagSet] = split(head, ',');
  const pairs = (set: string[]): [string, string][] =>
    set.map((pair) => {
      const [name, value, ...rest] = split(pair, '=');
      if (!name || !value || rest.length > 0) throw new Error(`not a pair: ${pair} in ${line}`);
      return [plain(name), plain(value)];
    });
  const fields = pairs(fieldSet.split(',')).map(([name, value]) => [name, Number(value)] as const);
  if (fields.some(([, value]) => !Number.isFinite(value))) throw new Error(`not a number: ${line}`);
  if (!/^\d{19}$/.test(timestamp)) throw new Error(`not nanoseconds: ${line}`);
  return {
    measurement: plain(measurement!),
    tags: Object.fromEntries(pairs(tagSet)),
    fields: Object.fromEntries(fields),
    timestamp,
  };
}

/** Sums of lines that each hold what an interval gained. */
export function sumsOfLines(lines: readonly Line[]): Sums {
  const total = (measurement: string, field: string): number =>
    lines
      .filter((line) => line.measurement === measurement)
      .reduce((sum, { fields }) => sum + (fields[field] ?? 0), 0);
  const latest = (measurement: string): number =>
    lines.filter((line) => line.measurement === measurement).at(-1)?.fields.value ?? Number.NaN;
  return {
    requests: total('http_reqs', 'count'),
    durationCount: total('http_req_duration', 'count'),
    durationSumMs: total('http_req_duration', 'sum'),
    failedPasses: total('http_req_failed', 'passes'),
    failedAll: total('http_req_failed', 'passes') + total('http_req_failed', 'fails'),
    vus: latest('vus'),
    connections: latest('monitor_db_connections'),
    readBytes: total('monitor_db_read_bytes', 'count'),
  };
}
