// The page that Prometheus scrapes, in text format 0.0.4 and as OpenMetrics 1.0.

import type { OutputRun } from './output.ts';
import { type Family, FamilyNames, type Labels, labelsOf, prometheusNumber } from './prometheus-names.ts';
import { shapesOf, valuesOf } from './prometheus-samples.ts';
import type { BookSeries, SeriesBook } from './series-book.ts';

export type PageFormat = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<PageFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format that an `Accept` header prefers; text when it names neither. */
export function formatFor(accept: string | undefined): PageFormat {
  const weightOf = (type: string): number => {
    let weight = 0;
    for (const range of (accept ?? '').split(',')) {
      const [name, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      if (name !== type) continue;
      if (
        parameters.some((one) => one.startsWith('version=') && !/^version="?(0\.0\.[14]|1\.0\.0)/.test(one))
      )
        continue;
      const q = parameters.find((one) => one.startsWith('q='))?.slice(2);
      weight = Math.max(weight, q === undefined ? 1 : Number(q) || 0);
    }
    return weight;
  };
  const openmetrics = weightOf('application/openmetrics-text');
  return openmetrics > 0 && openmetrics >= weightOf('text/plain') ? 'openmetrics' : 'text';
}

interface Line {
  readonly family: Family;
  /** Everything up to the value. */
  readonly text: string;
}

/** Renders pages of one book; keeps what does not change from page to page. */
export class PrometheusPage {
  readonly #book: SeriesBook;
  readonly #run: OutputRun;
  readonly #names = new FamilyNames();
  readonly #lines = new WeakMap<BookSeries, readonly Line[]>();

  constructor(book: SeriesBook, run: OutputRun) {
    this.#book = book;
    this.#run = run;
  }

  render(format: PageFormat): string {
    const families = new Map<Family, string[]>();
    for (const series of this.#book.series()) {
      const values = valuesOf(series);
      for (const [k, { family, text }] of this.#linesOf(series).entries()) {
        const samples = families.get(family) ?? [];
        families.set(family, samples);
        samples.push(`${text}${prometheusNumber(values[k]!)}\n`);
      }
    }
    let page = '';
    for (const [family, samples] of families) page += heading(family, format) + samples.join('');
    return format === 'openmetrics' ? `${page}# EOF\n` : page;
  }

  #linesOf(series: BookSeries): readonly Line[] {
    const known = this.#lines.get(series);
    if (known !== undefined) return known;
    const labels = labelsOf(series, this.#run);
    const lines = shapesOf(series, this.#names).map(({ family, suffix, le }) => ({
      family,
      text: `${family.name}${suffix}${labelText(labels, le)} `,
    }));
    this.#lines.set(series, lines);
    return lines;
  }
}

function heading({ name, type, unit, help }: Family, format: PageFormat): string {
  const family = format === 'text' && type === 'counter' ? `${name}_total` : name;
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const escaped = format === 'openmetrics' ? text.replaceAll('"', '\\"') : text;
  const unitLine = format === 'openmetrics' && unit !== undefined ? `# UNIT ${family} ${unit}\n` : '';
  return `# HELP ${family} ${escaped}\n# TYPE ${family} ${type}\n${unitLine}`;
}

function labelText(labels: Labels, le: string | undefined): string {
  const pairs = labels.map(([name, value]) => `${name}="${escapeValue(value)}"`);
  if (le !== undefined) pairs.push(`le="${le}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
