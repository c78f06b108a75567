// Reads pages in Prometheus text format 0.0.4 and OpenMetrics 1.0 text. Keeps the metrics asked for and skips all other
// lines with a look at their names. Called by page.ts.
// Sources: prometheus.io/docs/instrumenting/exposition_formats; the OpenMetrics 1.0 specification.

import { ExpositionError, parseSampleLine } from './exposition-line.ts';
import { FamilyBuilder, familyOfSample } from './family-builder.ts';
import { familyNames, type Metrics, type MetricType } from './metric.ts';

const textTypes: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
};

const openMetricsTypes: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
};

export interface ExpositionOptions {
  readonly openMetrics: boolean;
  /** Names of metrics or of their samples to keep; all when absent. */
  readonly wanted?: ReadonlySet<string>;
}

/**
 * The metrics of a page. Throws an `ExpositionError` that names the line. Lines of metrics not asked for are not looked
 * at beyond their names.
 */
export function parseExposition(text: string, options: ExpositionOptions): Metrics {
  return new ExpositionParser(text, options).parse();
}

/** All names on a page, those of families and of samples, for suggestions; 5000 at the most. */
export function namesOnPage(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of text.matchAll(/^(?:# TYPE )?([a-zA-Z_:][a-zA-Z0-9_:]*)/gm)) {
    if (names.add(match[1]!).size === 5000) break;
  }
  return names;
}

class ExpositionParser {
  private readonly text: string;
  private readonly openMetrics: boolean;
  /** Families to keep; `undefined` keeps all. */
  private readonly wanted: ReadonlySet<string> | undefined;
  private readonly families = new Map<string, FamilyBuilder>();
  /** Where the samples of a name go; `null` for names that are skipped. */
  private readonly targets = new Map<string, { family: FamilyBuilder; suffix: string } | null>();
  private line = 0;
  private current: FamilyBuilder | undefined;

  constructor(text: string, { openMetrics, wanted }: ExpositionOptions) {
    this.text = text;
    this.openMetrics = openMetrics;
    this.wanted = wanted && new Set([...wanted].flatMap(familyNames));
  }

  parse(): Metrics {
    const { text } = this;
    let at = 0;
    let ended = false;
    let name = '';
    let target: { family: FamilyBuilder; suffix: string } | null = null;
    while (at < text.length) {
      this.line++;
      if (ended) this.fail('something stands after # EOF');
      let end = text.indexOf('\n', at);
      if (end === -1) {
        end = text.length;
        if (!(this.openMetrics && text.slice(at) === '# EOF')) this.fail('the page ends within a line');
      }
      const start = this.openMetrics ? at : this.pastBlanks(at);
      const first = text.charCodeAt(start);
      if (first === hash) {
        ended = this.readComment(start, end);
        name = '';
      } else if (start === end || first === lineFeed) {
        if (this.openMetrics) this.fail('OpenMetrics has no empty lines');
      } else {
        // Most lines have the name of the line before.
        if (
          name === '' ||
          !text.startsWith(name, start) ||
          isNamePart[text.charCodeAt(start + name.length)]
        ) {
          name = this.readName(start);
          target = this.targetOf(name);
        }
        if (target !== null) {
          const sample = parseSampleLine(text, start + name.length, end, this.line, this.openMetrics);
          target.family.add(target.suffix, sample, this.line);
        }
      }
      at = end + 1;
    }
    if (this.openMetrics && !ended) {
      this.line++;
      this.fail('the page does not end with # EOF, so some of it is missing');
    }
    return new Map([...this.families.values()].map((family) => [family.metricName, family.build()]));
  }

  private pastBlanks(at: number): number {
    let start = at;
    while (this.text.charCodeAt(start) === 32 || this.text.charCodeAt(start) === 9) start++;
    return start;
  }

  private readName(start: number): string {
    const { text } = this;
    let end = start;
    while (isNamePart[text.charCodeAt(end)]) end++;
    const first = text.charCodeAt(start);
    if (end === start || (first >= 48 && first <= 57)) {
      const found = JSON.stringify(text.slice(start, start + 40).split('\n')[0]);
      this.fail(`${found} does not begin with the name of a metric`);
    }
    return text.slice(start, end);
  }

  private targetOf(name: string): { family: FamilyBuilder; suffix: string } | null {
    let target = this.targets.get(name);
    if (target === undefined) {
      target = this.makeTarget(name);
      this.targets.set(name, target);
    }
    const family = target?.family;
    if (this.openMetrics && family !== undefined && family !== this.current && family.hasSamples) {
      this.fail(`samples of ${family.name} stand in two places`);
    }
    this.current = family;
    return target;
  }

  private makeTarget(name: string): { family: FamilyBuilder; suffix: string } | null {
    const found = familyOfSample(name, this.families, this.openMetrics);
    if (found !== undefined) return found;
    if (this.families.has(name)) {
      this.fail(`a ${this.families.get(name)!.type} has no sample that is called ${name}`);
    }
    if (this.wanted !== undefined && !this.wanted.has(name)) return null;
    return { family: this.addFamily(name, 'unknown'), suffix: '' };
  }

  private addFamily(name: string, type: MetricType): FamilyBuilder {
    const family = new FamilyBuilder(name, type, this.openMetrics);
    this.families.set(name, family);
    return family;
  }

  /** Whether it is the end of an OpenMetrics page. */
  private readComment(start: number, end: number): boolean {
    // Only TYPE says something that is needed; HELP is skipped fast, there is one per family.
    const { text, openMetrics } = this;
    if (openMetrics && end - start === 5 && text.startsWith('# EOF', start)) return true;
    if (openMetrics && !openMetricsComment.test(text.slice(start, start + 7))) {
      this.fail('OpenMetrics has no comments but TYPE, UNIT, HELP and EOF');
    }
    const second = text.charCodeAt(start + 2);
    if (second === letterT || (!openMetrics && second <= 32)) this.readType(text.slice(start, end));
    else if (openMetrics && second === letterU) this.readUnit(text.slice(start, end));
    return false;
  }

  private readType(comment: string): void {
    const match = this.openMetrics
      ? /^# TYPE ([^ ]+) (.*)$/.exec(comment)
      : /^#[ \t]+TYPE[ \t]+([^ \t]+)[ \t]+([^ \t]+)[ \t]*$/.exec(comment);
    if (match === null) {
      if (this.openMetrics || /^#[ \t]+TYPE[ \t]/.test(comment)) this.fail('TYPE needs a name and a type');
      return;
    }
    const [, name, word] = match as unknown as [string, string, string];
    const types = this.openMetrics ? openMetricsTypes : textTypes;
    if (!Object.hasOwn(types, word))
      this.fail(`${JSON.stringify(word.slice(0, 40))} is not a type of metric`);
    if (this.wanted !== undefined && !this.wanted.has(name)) return;
    const known = this.families.get(name);
    if (known?.hasSamples) this.fail(`TYPE of ${name} stands after its first sample`);
    if (known !== undefined) this.fail(`TYPE of ${name} stands there twice`);
    this.addFamily(name, types[word]!);
    this.targets.clear();
  }

  private readUnit(comment: string): void {
    const [, , name = '', unit = ''] = comment.split(' ');
    if (unit !== '' && !name.endsWith(`_${unit}`)) this.fail(`${name} does not end with its unit ${unit}`);
  }

  private fail(problem: string): never {
    throw new ExpositionError(this.line, problem);
  }
}

const openMetricsComment = /^# (?:TYPE|UNIT|HELP) /;
const lineFeed = 10;
const hash = 35;
const letterT = 84;
const letterU = 85;

/** By character code: letters, digits, `_` and `:`. */
const isNamePart: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[a-zA-Z0-9_:]/.test(String.fromCharCode(code)),
);
