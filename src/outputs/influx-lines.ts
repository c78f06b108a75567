// InfluxDB's line protocol. influx.ts sends what is written here.
// Source: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/

import type { BatchTime } from './batch-output.ts';
import type { OutputRun } from './output.ts';
import type { BookSeries, SeriesBook } from './series-book.ts';

export interface InfluxLine {
  readonly text: string;
  /** Points that the line stands for. */
  readonly points: number;
}

/** Writes the lines of an interval; what is the same in each line of a series is written once. */
export class InfluxLines {
  readonly #run: OutputRun;
  readonly #heads = new WeakMap<BookSeries, string>();

  constructor(run: OutputRun) {
    this.#run = run;
  }

  /**
   * One line per series that has something to say, with the values of this interval alone, and the two `performance`
   * lines. Takes the points of the series from `waitingPoints`; the caller then starts the next interval of the book.
   */
  of(book: SeriesBook, { epochMs, spanMs }: BatchTime): InfluxLine[] {
    const lines: InfluxLine[] = [];
    const http = { count: 0, sumMs: 0, requests: 0, seen: false };
    const tail = ` ${epochMs}000000\n`;
    for (const series of book.series()) {
      if (series.metric === 'http_reqs' && series.type === 'counter') {
        http.requests += series.count;
        http.seen = true;
      } else if (series.metric === 'http_req_duration' && series.type === 'trend') {
        http.count += series.histogram.count;
        http.sumMs += series.histogram.sum;
      }
      if (series.waitingPoints === 0 && series.type !== 'gauge') continue;
      const text = `${this.#headOf(series)} ${fieldsOf(series, spanMs)}${tail}`;
      lines.push({ text, points: series.waitingPoints });
    }
    if (http.count > 0) {
      lines.push({
        text: `performance,type=avg_response value=${http.sumMs / http.count}${tail}`,
        points: 0,
      });
    }
    if (http.seen && spanMs > 0) {
      const perSec = http.requests / (spanMs / 1000);
      lines.push({ text: `performance,type=throughput value=${perSec}${tail}`, points: 0 });
    }
    return lines;
  }

  /** Measurement and tags; tags ascending, as the database would sort them otherwise. */
  #headOf(series: BookSeries): string {
    const known = this.#heads.get(series);
    if (known !== undefined) return known;
    const { id, suite, profile, tags } = this.#run;
    const all = { ...tags, ...series.tags, suite, profile, run: id };
    const written = Object.entries(all)
      .map(([name, value]) => [escapeTag(name), escapeTag(value)] as const)
      .filter(([name, value]) => name !== '' && value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `,${name}=${value}`);
    const head = `${escapeMeasurement(series.metric)}${written.join('')}`;
    this.#heads.set(series, head);
    return head;
  }
}

function fieldsOf(series: BookSeries, spanMs: number): string {
  switch (series.type) {
    case 'counter': {
      const perSec = spanMs > 0 ? series.count / (spanMs / 1000) : 0;
      return `count=${series.count},rate=${perSec}`;
    }
    case 'rate': {
      const { passes, all } = series;
      const counts = `passes=${passes},fails=${all - passes}`;
      return all === 0 ? counts : `rate=${passes / all},${counts}`;
    }
    case 'gauge':
      return `value=${series.value}`;
    case 'trend': {
      const { histogram } = series;
      if (histogram.count === 0) return 'count=0';
      const { avg, min, max, med, ...percentiles } = histogram.trendValues();
      const p = `p90=${percentiles['p(90)']},p95=${percentiles['p(95)']},p99=${percentiles['p(99)']}`;
      return `count=${histogram.count},sum=${histogram.sum},avg=${avg},min=${min},max=${max},med=${med},${p}`;
    }
  }
}

/** Line breaks cannot be escaped, and a backslash at the end would escape what follows. */
function cleaned(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replace(/\\+$/, '');
}

/** Tag names and values: commas, equals signs and spaces are escaped. */
function escapeTag(text: string): string {
  return cleaned(text).replaceAll(/[,= ]/g, (character) => `\\${character}`);
}

/** Commas and spaces are escaped; a `#` at the beginning, which would begin a comment, as well. */
function escapeMeasurement(text: string): string {
  return cleaned(text)
    .replaceAll(/[, ]/g, (character) => `\\${character}`)
    .replace(/^#/, '\\#');
}
